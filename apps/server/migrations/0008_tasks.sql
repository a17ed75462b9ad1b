-- Tasks: every long job of the platform, whoever runs it. Ids are UUIDv7, so the order of ids is the order of time, and tables of what belongs
-- to a task are partitioned by the task's id: months, created ahead (tasks/partitions.ts), dropped as a whole.

-- One row a task. `status` and `executor` are small integers in the order of packages/contract/src/task-terms.ts.
create table task (
  workspace_id   int not null,
  id             uuid not null,
  type           text not null,
  title          text not null,
  status         smallint not null,
  executor       smallint not null,
  progress       smallint not null default 0,
  attempt        int not null default 1,
  attempts_max   int not null default 1,
  retryable      boolean not null default false,
  line_count     int not null default 0,
  lines_attempt  int not null default 0,  -- the attempt that wrote last, and the number of its first line: senders count from there
  lines_from     int not null default 0,
  happenings     int not null default 0,      -- number of the last one
  job_id         uuid,                        -- of this attempt, in the queue
  queued_at      timestamptz(3) not null,
  run_at         timestamptz(3),
  started_at     timestamptz(3),
  finished_at    timestamptz(3),
  heartbeat_at   timestamptz(3),
  worker         text,
  node           text,
  user_id        text,
  user_name      text,
  project        text,
  schedule_name  text,
  parent_id      uuid,
  target_keys    text[] not null default '{}',  -- type/id of each target
  targets        jsonb not null default '[]',
  payload        jsonb,       -- what handlers get; secrets in it are redacted
  result         jsonb,
  error          jsonb,       -- { message, code?, details? }
  last_line      text,
  request        jsonb        -- what the panel was asked for: { act, state, askedAt, tries, nextTryAt?, answer? }
) partition by range (id);

create unique index task_id on task (workspace_id, id);
create index task_open on task (workspace_id, status, id) where status < 2;
create index task_ended on task (workspace_id, status, id) where status > 2;
create index task_ended_type on task (workspace_id, type, status, id) where status > 2;
create index task_type_id on task (workspace_id, type, id);
create index task_user on task (workspace_id, user_id, id) where user_id is not null;
create index task_node on task (workspace_id, node, id) where node is not null;
create index task_schedule on task (workspace_id, schedule_name, id) where schedule_name is not null;
create index task_project on task (workspace_id, project, id) where project is not null;
create index task_parent on task (workspace_id, parent_id, id) where parent_id is not null;
create index task_targets on task using gin (target_keys) with (fastupdate = on);
create table task_default partition of task default;

-- What a search for words looks into. Apart, so that a task that only moves on does not write into the text index.
create table task_text (
  workspace_id  int not null,
  task_id       uuid not null,
  body          text not null,
  primary key (workspace_id, task_id)
) partition by range (task_id);
create index task_text_body on task_text using gin (body gin_trgm_ops) with (fastupdate = on);
create table task_text_default partition of task_text default;

-- What happened to a task, in order. Each becomes an event of the log (`event_id`, so that telling it twice stores it once); until then
-- `told` is false.
create table task_happening (
  workspace_id  int not null,
  task_id       uuid not null,
  n             int not null,
  happening     smallint not null,
  attempt       int not null,
  at            timestamptz(3) not null,
  event_id      uuid not null,
  actor         jsonb,        -- null: the system
  origin        jsonb,
  worker        text,
  note          text,
  error         jsonb,
  duration_ms   bigint,
  told          boolean not null default false,
  primary key (workspace_id, task_id, n)
) partition by range (task_id);
create index task_happening_untold on task_happening (workspace_id, event_id) where not told;
create table task_happening_default partition of task_happening default;

-- The output of a task, some lines a row: [[milliseconds, 0 out | 1 err, attempt, text], …].
create table task_lines (
  workspace_id  int not null,
  task_id       uuid not null,
  first_n       int not null,
  line_count    int not null,
  lines         jsonb not null,
  primary key (workspace_id, task_id, first_n)
) partition by range (task_id);
create table task_lines_default partition of task_lines default;

-- Counts of what finished, an hour and type a row. `durations`: how many took how long, in steps of an eighth of an octave (tasks/durations.ts).
create table task_hour (
  workspace_id  int not null,
  type          text not null,
  hour          timestamptz not null,
  finished      int not null default 0,
  failed        int not null default 0,
  cancelled     int not null default 0,
  busy_ms       bigint not null default 0,
  durations     int[] not null default '{}',
  primary key (workspace_id, type, hour)
);

-- How a type runs. Defined by the API, the configuration file or a handler; without a row, tasks of it are only reported.
create table task_type (
  workspace_id  int not null references workspace(id),
  type          text not null,
  settings      jsonb not null,
  secret        text,         -- signs calls to the panel
  secret_since  timestamptz,
  updated_at    timestamptz not null default now(),
  primary key (workspace_id, type)
);

-- What the panel is asked for: retry or cancel of a task it runs. A row until it was answered or given up.
create table task_callback (
  id            uuid primary key,
  workspace_id  int not null,
  task_id       uuid not null,
  act           text not null,
  url           text not null,
  tries         int not null default 0,
  next_try_at   timestamptz,  -- null: no more
  asked_at      timestamptz not null,
  asked_by      jsonb,
  answer        text
);
create index task_callback_due on task_callback (next_try_at) where next_try_at is not null;
create index task_callback_task on task_callback (workspace_id, task_id);

-- Workers alive, for findings and load. A row is renewed every few seconds.
create table task_worker (
  id            text primary key,
  host          text not null,
  pid           int not null,
  version       text not null,
  started_at    timestamptz not null,
  seen_at       timestamptz not null,
  slots         int not null,
  types         text[] not null,
  clock_skew_ms int not null default 0
);

-- Schedules and their runs.
create table schedule (
  workspace_id  int not null references workspace(id),
  name          text not null,
  kind          smallint not null,      -- of schedule-terms.ts
  source        text not null,          -- api, config, builtin
  settings      jsonb not null,         -- as in the contract, without `paused`
  paused        boolean not null default false,
  paused_at     timestamptz,
  created_at    timestamptz not null,
  next_run_at   timestamptz,            -- the next time that is due; null: paused
  start_at      timestamptz,            -- next_run_at with its jitter
  deadline_at   timestamptz,            -- monitored: when the run that is due is missed
  primary key (workspace_id, name)
);
create index schedule_start on schedule (start_at) where start_at is not null;
create index schedule_deadline on schedule (deadline_at) where deadline_at is not null;

-- A time that was due once is one row, whoever sees it first: that makes it run exactly once.
create table schedule_run (
  workspace_id  int not null,
  id            uuid not null,          -- UUIDv7; of a check-in the sender's
  name          text not null,
  due_at        timestamptz,            -- null: by hand, or it came of itself
  state         smallint not null,      -- of schedule-terms.ts
  reason        text,
  started_at    timestamptz,
  finished_at   timestamptz,
  duration_ms   bigint,
  exit_code     int,
  output        text,
  task_id       uuid,
  slow          boolean not null default false,
  untold        boolean not null default false,  -- its end is still to be put on record (schedules/run-teller.ts)
  created_at    timestamptz not null,
  primary key (workspace_id, id)
);
create index schedule_run_untold on schedule_run (workspace_id, id) where untold;
create unique index schedule_run_due on schedule_run (workspace_id, name, due_at) where due_at is not null;
create index schedule_run_last on schedule_run (workspace_id, name, created_at desc);
create index schedule_run_open on schedule_run (workspace_id, name) where state < 2;
create index schedule_run_task on schedule_run (workspace_id, task_id) where task_id is not null;
