-- Rows that several deliveries of a source have. What a batch's counts are made of, as far as other
-- deliveries (files of another path, other windows of an API) or repeats have a part in it.
alter table plumbline.batch
  add column unchanged_elsewhere bigint not null default 0,  -- of unchanged: another delivery holds the row
  add column outdated            bigint not null default 0,  -- of unchanged: a later delivery has other content for the key
  add column changed_elsewhere   bigint not null default 0,  -- of changed: the row replaced was another delivery's
  add column repeated            bigint,                     -- of inserted, without a key: equal to an earlier row of the delivery; null: not counted
  add constraint shares_are_parts check (
    unchanged_elsewhere + outdated <= unchanged
    and changed_elsewhere <= changed
    and coalesce(repeated, 0) <= inserted
  );

-- A row that a delivery has and another delivery holds: it is not stored twice, but when the holder
-- gives it up (a correction lacks it), this delivery is read again and holds it from then on.
create table plumbline.claim (
  batch_id    bigint not null references plumbline.batch on update cascade,
  row_number  bigint not null,
  row_hash    uuid not null                                  -- that of the row held
);
create index on plumbline.claim using brin (batch_id);
