-- The system's own tables. Everything Plumbline knows about what was delivered, loaded, checked
-- and released is here, in plain SQL, for anyone to query.
create schema if not exists plumbline;
create schema if not exists raw;
create schema if not exists clean;

-- A delivery: one file, or one window of an API, as it was received.
create table plumbline.delivery (
  id            bigint generated always as identity primary key,
  source        text not null,
  slot          text not null,                -- path under the location, or API window
  generation    integer not null check (generation > 0),
  sha256        text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes    bigint not null,
  name          text not null,
  modified_at   timestamptz,
  landed_at     timestamptz not null default now(),
  duplicate_of  bigint references plumbline.delivery,  -- set: nothing was loaded, the content was held already
  next_cursor   text,                         -- where an API source goes on once this is loaded
  unique (source, slot, generation)
);
create index on plumbline.delivery (source, sha256);

-- A batch: the load of one delivery into one table; all or nothing.
create sequence plumbline.batch_id;
create table plumbline.batch (
  id            bigint primary key default nextval('plumbline.batch_id'),
  delivery_id   bigint not null references plumbline.delivery,
  source        text not null,
  state         text not null default 'landed'
                check (state in ('landed', 'loading', 'loaded', 'rejected', 'failed', 'superseded')),
  attempts      integer not null default 0,
  read          bigint not null default 0,
  inserted      bigint not null default 0,
  changed       bigint not null default 0,
  unchanged     bigint not null default 0,
  duplicate     bigint not null default 0,
  rejected      bigint not null default 0,
  flagged       bigint not null default 0,
  superseded    bigint not null default 0,    -- rows of the older generation that this one lacks
  skipped       jsonb not null default '{}',  -- physical records that are no rows, by reason
  totals        jsonb not null default '{}',  -- column: { delivered, rejected, duplicate, held, declared }
  error         jsonb,                        -- { code, message, remedy } of the last attempt
  started_at    timestamptz,
  finished_at   timestamptz,
  -- The control total of every load: no row comes from nowhere, none goes missing.
  constraint every_row_is_accounted_for check (
    state not in ('loaded', 'superseded')
    or read = inserted + changed + unchanged + duplicate + rejected
  )
);
create index on plumbline.batch (source, id);
create index on plumbline.batch (delivery_id);

-- Where the records of a batch stand in their delivery: from first_row on, line = first_line + (row - first_row).
create table plumbline.segment (
  batch_id    bigint not null references plumbline.batch on update cascade,
  first_row   bigint not null,
  sheet       text,
  first_line  bigint not null,
  primary key (batch_id, first_row)
);

-- A row that broke the contract, kept with what was wrong.
create table plumbline.reject (
  batch_id    bigint not null references plumbline.batch on update cascade,
  row_number  bigint not null,
  sheet       text,
  line        bigint,
  codes       text[] not null,
  faults      jsonb not null,                 -- [{ code, column, value, expected }]
  raw         json not null                   -- { label: text } as delivered
);
create index on plumbline.reject (batch_id, row_number);

create table plumbline.cursor (
  source      text primary key,
  value       text not null,
  batch_id    bigint,
  moved_at    timestamptz not null default now()
);

-- The newest batch of each source that has been released. The views in `clean` show the rows as of
-- this batch, so that nothing is seen before the checks passed.
create table plumbline.horizon (
  source      text primary key,
  batch_id    bigint not null
);

-- A scheduled job as the workers know it. What was due before "since" is not caught up: the job was
-- not there yet, or had another schedule.
create table plumbline.job (
  name      text primary key,
  schedule  jsonb not null,
  since     timestamptz not null
);

-- A run: one execution of a job for an occurrence, or by hand. Whoever holds the lease runs it; a
-- lease that lapses was left by a process that ended.
create table plumbline.run (
  id            bigint generated always as identity primary key,
  job           text not null,
  occurrence    timestamptz,                  -- null: started by hand
  trigger       text not null check (trigger in ('schedule', 'catch-up', 'manual', 'upload')),
  state         text not null default 'queued' check (state in ('queued', 'running', 'succeeded', 'failed')),
  worker        text,
  lease_until   timestamptz,
  attempts      integer not null default 0,   -- times a worker took it on
  queued_at     timestamptz not null default now(),
  started_at    timestamptz,
  finished_at   timestamptz,
  result        jsonb,
  unique (job, occurrence)
);
create index on plumbline.run (lease_until) where state in ('queued', 'running');

create table plumbline.release (
  id            bigint generated always as identity primary key,
  state         text not null check (state in ('released', 'held')),
  verified      boolean not null,             -- every check of level error and warn passed
  passed        integer not null,
  warned        integer not null,
  failed        integer not null,
  error         jsonb,
  checks_hash   text,                         -- of the checks' definitions, to tell whether they changed
  started_at    timestamptz not null,
  finished_at   timestamptz not null default now()
);

create table plumbline.release_model (
  release_id       bigint not null references plumbline.release,
  model            text not null,
  materialization  text not null,
  rows             bigint,
  ms               double precision not null,
  refreshed        boolean not null,
  primary key (release_id, model)
);

create table plumbline.check_result (
  release_id  bigint not null references plumbline.release,
  name        text not null,
  model       text,
  level       text not null check (level in ('error', 'warn')),
  status      text not null check (status in ('passed', 'warned', 'failed')),
  rows        bigint not null,                -- rows that are wrong
  sample      jsonb not null default '[]',
  ms          double precision not null,
  primary key (release_id, name)
);

-- What each model was built from, to tell what changed.
create table plumbline.model (
  name             text primary key,          -- schema.relation
  materialization  text not null,
  definition_hash  text not null,
  depends_on       text[] not null,
  columns          jsonb not null,
  built_at         timestamptz not null default now()
);

create table plumbline.outbox (
  id          bigint generated always as identity primary key,
  digest      text not null,
  occurrence  timestamptz not null,
  recipient   text not null,
  state       text not null check (state in ('held', 'written', 'sending', 'sent', 'unknown', 'failed')),
  message_id  text,
  subject     text,
  reason      text,
  release_id  bigint references plumbline.release,
  created_at  timestamptz not null default now(),
  sent_at     timestamptz,
  unique (digest, occurrence, recipient)
);
