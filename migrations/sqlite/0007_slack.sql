-- What Slack was shown, and what it sent: nothing here is a truth, and a store without these rows shows every open case anew.

-- One row a case and channel. Without `message` nothing is shown of it but a count, in the message of its fold.
create table slack_cards (
    tenant text not null,
    case_id text not null,
    channel text not null,
    message text,
    fold text,
    -- The events of the case that it shows: where the case has more by now, it is out of date.
    events integer not null,
    -- Whether it shows the case's end: then it is not looked at any more, unless the case moves again.
    settled integer not null,
    posted_at integer not null,
    primary key (tenant, case_id, channel)
) strict;

create index slack_cards_by_message on slack_cards (tenant, channel, message);
create index slack_cards_by_fold on slack_cards (tenant, channel, fold);
create index slack_cards_by_time on slack_cards (tenant, channel, posted_at);
create index slack_cards_unsettled on slack_cards (tenant, case_id) where settled = 0;

-- Many cards as one thread under a message with their number.
create table slack_folds (
    tenant text not null,
    channel text not null,
    fold text not null,
    message text,
    shown text not null,
    begun_at integer not null,
    primary key (tenant, channel, fold)
) strict;

-- What came in, by the digest of Slack's own name for it, so that nothing is done twice.
create table slack_deliveries (
    tenant text not null,
    id blob not null,
    at integer not null,
    primary key (tenant, id)
) strict;

create index slack_deliveries_by_time on slack_deliveries (tenant, at);
