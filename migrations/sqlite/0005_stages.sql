-- How far each release was promoted: derived from the chain of `*`, written in the same transaction. One that is not here is in shadow.

create table stages (
    tenant text not null,
    release blob not null,
    stage text not null,
    since integer not null,
    primary key (tenant, release)
) strict;
