-- What one append writes, as one statement: it is all or nothing by itself, and the store is asked once. A row is an event with what lies
-- beside it and when its occurrence was seen, or, where it has a phase, the case as it is after all of them; that row comes first.
-- `was_events` is the number of events that the case had, null where it is opened, and `was_head` the digest of the last one. `known` is the
-- newest schema that whoever writes knows, and `damaged` an open case of the same fingerprint that cannot be read, beside which this one is
-- opened.
create view appends (
    tenant, case_id,
    known, damaged, phase, urgency, events, head, updated_at, open, due_at, was_events, was_head, source, detection_id, fingerprint, opened_at,
    number, kind, at, hash, payload, bytes, salt, beside,
    occurrence_id, seen_at
) as select
    null, null,
    null, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
    null, null, null, null, null, null, null, null,
    null, null
where false;

-- A case whose row is no longer what it was, or beside which another of its fingerprint is open, is a conflict: nothing is written then.
create trigger appends_case instead of insert on appends when new.phase is not null
begin
    select raise(abort, 'the store is a newer build''s') where new.known < (select max(version) from _sqlx_migrations);
    select raise(abort, 'the case is not what it was') where new.damaged is not null
        and not exists (select 1 from cases where tenant = new.tenant and id = new.damaged and open = 1);
    update cases set open = 2 where tenant = new.tenant and id = new.damaged and open = 1;
    select raise(abort, 'the case is not what it was')
    where case when new.was_events is null
        then exists (select 1 from cases where tenant = new.tenant and id = new.case_id)
            or (new.open = 1 and exists (select 1 from cases where tenant = new.tenant and fingerprint = new.fingerprint and open = 1))
        else not exists (select 1 from cases where tenant = new.tenant and id = new.case_id
            and events = new.was_events and head = new.was_head)
        end;
    insert into cases (tenant, id, phase, urgency, events, head, updated_at, open, due_at, source, detection_id, fingerprint, opened_at)
    select new.tenant, new.case_id, new.phase, new.urgency, new.events, new.head, new.updated_at, new.open, new.due_at,
        new.source, new.detection_id, new.fingerprint, new.opened_at
    where new.was_events is null;
    -- `open` is 0 for a case that is over, 1 for the one that repeats of its fingerprint join, and 2 for one that is open beside that one: it was
    -- opened again when the other was there already, or it cannot be read.
    update cases set phase = new.phase, urgency = new.urgency, events = new.events, head = new.head, updated_at = new.updated_at,
        due_at = new.due_at,
        open = case when new.open = 1 and exists (select 1 from cases other where other.tenant = new.tenant
            and other.fingerprint = cases.fingerprint and other.open = 1 and other.id <> new.case_id) then 2 else new.open end
    where new.was_events is not null and tenant = new.tenant and id = new.case_id;
end;

create trigger appends_event instead of insert on appends when new.phase is null
begin
    insert into events (tenant, case_id, number, kind, at, hash, payload, bytes)
    values (new.tenant, new.case_id, new.number, new.kind, new.at, new.hash, new.payload, new.bytes);
    insert into payloads (tenant, digest, salt, bytes)
    select new.tenant, new.payload, new.salt, new.beside where new.beside is not null
    on conflict (tenant, digest) do nothing;
    insert into occurrences (tenant, source, occurrence_id, seen_at, case_id, alert)
    select new.tenant, new.source, new.occurrence_id, new.seen_at, new.case_id, new.payload where new.occurrence_id is not null;
end;
