-- What people keep of the log screens: named views, and how each likes the console.

create table saved_view (
  workspace_id  int not null references workspace(id),
  id            uuid not null,
  staff_id      uuid not null references staff(id),   -- who saved it
  name          text not null,
  screen        text not null,                        -- a log screen: activity, audit-log, server-logs, logins
  search        jsonb not null,                       -- query, range, order, columns; see viewSearchSchema
  shared        boolean not null default false,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  primary key (workspace_id, id)
);
-- A person has one view of a name; two people may have one each.
create unique index saved_view_name on saved_view (workspace_id, staff_id, lower(name));

create table display_choice (
  staff_id    uuid primary key references staff(id),
  choices     jsonb not null,                         -- see displayChoicesSchema
  updated_at  timestamptz not null default now()
);
