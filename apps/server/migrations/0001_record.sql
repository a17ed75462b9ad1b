-- The record: workspaces, the log of events, its Merkle tree, its counts.

create extension if not exists pg_trgm;

create table workspace (
  id          int generated always as identity primary key,
  slug        text not null unique,
  name        text not null,
  created_at  timestamptz not null default now(),
  settings    jsonb not null default '{}'
);

-- One row an event, never updated. Enumerations are small integers in the order of packages/contract/src/event.ts.
-- JSON columns are text in RFC 8785 form, so that a leaf can be recomputed from them byte for byte.
create table event (
  workspace_id    int not null,
  seq             bigint not null,
  id              uuid not null,
  occurred_at     timestamptz(3) not null,
  recorded_at     timestamptz(3) not null,
  kind            smallint not null,
  severity        smallint not null,
  outcome         smallint not null,
  actor_type      smallint not null,
  auth            smallint,
  asn             bigint,
  action          text not null,
  category        text not null,
  reason          text,
  project         text,
  actor_id        text,
  actor_name      text,
  actor_email     text,
  on_behalf_of    text,       -- JSON object or null
  target_type     text,       -- the main target
  target_id       text,
  target_name     text,
  target_owner_id text,
  more_targets    text,       -- JSON array of the others, or null
  ip              inet,
  country         text,
  network         text,
  browser         text,
  os              text,
  session_id      text,
  request_id      text,
  summary         text not null,
  changes         text,       -- JSON array or null
  details         text,       -- any JSON, or null
  user_agent      text,
  salts           bytea not null,  -- 4 x 16 bytes: who, whom, what, summary (see record/leaf.ts)
  terms           int[] not null   -- hashed search terms (see record/terms.ts)
) partition by range (occurred_at);

alter table event alter column salts set storage plain;

create unique index event_id on event (workspace_id, id, occurred_at);
create index event_time on event (workspace_id, occurred_at, seq);
create index event_seq on event (workspace_id, seq);
create index event_terms on event using gin (terms) with (fastupdate = on, gin_pending_list_limit = 2048);

-- The text that a bare word is searched in. Partitions get a trigram index on it when they are sealed.
create function event_text(summary text, actor_id text, actor_name text, actor_email text, on_behalf_of text,
  target_id text, target_name text, target_owner_id text, more_targets text, ip inet, details text)
returns text language sql immutable parallel safe as $$
  select lower(summary || ' ' || coalesce(actor_id, '') || ' ' || coalesce(actor_name, '') || ' ' || coalesce(actor_email, '')
    || ' ' || coalesce(on_behalf_of, '') || ' ' || coalesce(target_id, '') || ' ' || coalesce(target_name, '') || ' '
    || coalesce(target_owner_id, '') || ' ' || coalesce(more_targets, '') || ' ' || coalesce(host(ip), '') || ' ' || coalesce(details, ''))
$$;

-- What the partitions are: bounds, rows, and whether the text index exists.
create table event_partition (
  name        text primary key,
  starts_at   timestamptz not null,
  ends_at     timestamptz not null,
  sealed_at   timestamptz
);

-- The head of each log. The row lock serialises the writers: whoever holds it gives out seq.
create table log_head (
  workspace_id  int primary key references workspace(id),
  size          bigint not null default 0,
  frontier      bytea not null default ''   -- hashes of the perfect subtrees, largest first (RFC 6962 2.1)
) with (fillfactor = 10);

-- Merkle tiles of 256 hashes (C2SP tlog-tiles). Level 0 holds full tiles only; its tail is in log_leaf.
create table log_tile (
  workspace_id  int not null,
  level         smallint not null,
  tile          bigint not null,
  hashes        bytea not null,
  primary key (workspace_id, level, tile)
);
alter table log_tile alter column hashes set storage external;

-- Leaf hashes after the last full tile, one row a commit; never across the border of a tile.
create table log_leaf (
  workspace_id  int not null,
  first_seq     bigint not null,
  hashes        bytea not null,
  primary key (workspace_id, first_seq)
);
alter table log_leaf alter column hashes set storage external;

-- Signed checkpoints that were given out.
create table log_checkpoint (
  workspace_id  int not null,
  size          bigint not null,
  root          bytea not null,
  note          text not null,
  signed_at     timestamptz not null default now(),
  primary key (workspace_id, size)
);

-- Counts kept on write: totals by hour and outcome, and by day for the fields that have few values.
create table event_count_hour (
  workspace_id  int not null,
  hour          timestamptz not null,
  outcome       smallint not null,
  events        bigint not null,
  primary key (workspace_id, hour, outcome)
) with (fillfactor = 50);  -- room to update in place

create table event_count_day (
  workspace_id  int not null,
  field         text not null,     -- action, category, kind, severity, country on write; actor, target, ip by roll-up
  day           timestamptz not null,
  value         text not null,
  outcome       smallint not null,
  label         text,              -- the last name seen for the value
  events        bigint not null,
  primary key (workspace_id, field, day, value, outcome)
) with (fillfactor = 70);

-- How far each follower has read the log.
create table follower (
  workspace_id  int not null,
  name          text not null,
  seq           bigint not null default 0,
  updated_at    timestamptz not null default now(),
  primary key (workspace_id, name)
);

-- What the workspace says about an action instead of the shipped catalogue.
create table action_override (
  workspace_id  int not null,
  action        text not null,
  definition    jsonb not null,
  updated_at    timestamptz not null default now(),
  primary key (workspace_id, action)
);

-- How often something was redacted before it reached the disk, by day and rule.
create table redaction_count (
  workspace_id  int not null,
  day           date not null,
  rule          text not null,
  redactions    bigint not null,
  primary key (workspace_id, day, rule)
);
