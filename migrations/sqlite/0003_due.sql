-- When a case next needs tierone itself: derived from its events, written with them. Null: a person or nothing is awaited.
-- Cases of older stores are looked at once; what they then append says when they are due.
alter table cases add column due_at integer;
update cases set due_at = updated_at where open = 1;
create index cases_due on cases (due_at) where due_at is not null;
