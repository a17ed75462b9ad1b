-- When a workspace's settings or name last changed: running servers look at this to know whether to read them again.

alter table workspace add column changed_at timestamptz not null default now();
