-- What named persons did to tierone itself: one chain a tenant, `*` for what concerns everyone.

create table operations (
    tenant text not null,
    number integer not null,
    kind text not null,
    at integer not null,
    hash blob not null,
    payload blob,
    bytes blob not null,
    primary key (tenant, number)
) strict;

-- What is switched off now: derived from the chain, written in the same transaction.
create table kills (
    tenant text not null,
    what text not null,
    since integer not null,
    primary key (tenant, what)
) strict;
