-- API keys. Of a key's secret only the SHA-256 is here; a row is never deleted, so that a revoked id is never given out again.

create table api_keys (
    id text not null primary key,
    tenant text not null,
    secret blob not null,
    scopes text not null,
    sender text,
    created_at integer not null,
    revoked_at integer
) strict;

create index api_keys_by_tenant on api_keys (tenant, created_at, id);
