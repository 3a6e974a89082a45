-- What whoever asked for something in Slack was told, what cards have in common, and what a looser scope is compared with. As in 0007, nothing of it is a truth.

-- One row a request. Its case is the truth of what came of it; here is where whoever asked is told so.
create table slack_requests (
    tenant text not null,
    case_id text not null,
    asker text not null,
    -- Where they are told: the channel with the thread in which they asked, or their own id.
    channel text not null,
    thread text,
    -- The last message, by Slack's names for it and for the channel it came to stand in; null before the first.
    place text,
    message text,
    -- What it says, in a word with the digest of the answer.
    state text not null,
    -- The events of the case that it rests on.
    events integer not null,
    settled integer not null,
    asked_at integer not null,
    -- When they said that the answer solved it. It is counted and no evidence.
    helped_at integer,
    primary key (tenant, case_id)
) strict;

create index slack_requests_by_time on slack_requests (tenant, asked_at);
create index slack_requests_unsettled on slack_requests (tenant, case_id) where settled = 0;

-- What identifies something and was named by the alert of a case with a card, by digest: cases that share one are an incident.
create table slack_entities (
    tenant text not null,
    channel text not null,
    entity blob not null,
    case_id text not null,
    at integer not null,
    primary key (tenant, channel, entity, case_id)
) strict;

create index slack_entities_by_time on slack_entities (tenant, at);

create index cases_by_detection on cases (tenant, source, detection_id, opened_at);
