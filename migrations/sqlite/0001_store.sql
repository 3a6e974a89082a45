-- The store's first schema. Migrations are append only: sqlx refuses a store whose applied file was changed.
-- Times are microseconds since 1970 UTC, digests are 32 bytes, ids are text. Every row but meta's has a tenant.

create table meta (
    only integer primary key check (only = 1),
    kind text not null,
    secret blob not null
) strict;

-- What a case is in is derived from its events; `events` and `head` are the optimistic version.
-- The title is not here: it is alert text, and alert text must be erasable.
create table cases (
    tenant text not null,
    id text not null,
    source text not null,
    detection_id text,
    fingerprint blob not null,
    phase text not null,
    urgency text not null,
    events integer not null,
    head blob not null,
    opened_at integer not null,
    updated_at integer not null,
    open integer not null,
    primary key (tenant, id)
) strict;

create unique index cases_one_open on cases (tenant, fingerprint) where open = 1;
create index cases_by_update on cases (tenant, open, updated_at);

create table events (
    tenant text not null,
    case_id text not null,
    number integer not null,
    kind text not null,
    at integer not null,
    hash blob not null,
    payload blob,
    bytes blob not null,
    primary key (tenant, case_id, number),
    foreign key (tenant, case_id) references cases (tenant, id)
) strict;

create index events_started on events (tenant, at) where kind = 'started';

create table payloads (
    tenant text not null,
    digest blob not null,
    salt blob not null,
    bytes blob not null,
    primary key (tenant, digest)
) strict;

-- `sequence` is the order of append: what was seen before what.
create table occurrences (
    sequence integer primary key autoincrement,
    tenant text not null,
    source text not null,
    occurrence_id text not null,
    seen_at integer not null,
    case_id text not null,
    alert blob not null
) strict;

create index occurrences_by_id on occurrences (tenant, source, occurrence_id, sequence);
create index occurrences_by_alert on occurrences (tenant, alert, sequence);

create table precedents (
    tenant text not null,
    id text not null,
    source text not null,
    detection_id text not null,
    origin text not null,
    received_at integer not null,
    document text not null,
    primary key (tenant, id)
) strict;

create index precedents_by_key on precedents (tenant, source, detection_id, received_at, id);

create table quarantine (
    tenant text not null,
    precedent_id text not null,
    since integer not null,
    primary key (tenant, precedent_id)
) strict;
