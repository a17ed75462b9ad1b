-- Staff and what they may do: roles of a workspace's own, recovery codes, steps up.

-- A role that a workspace made: membership.role holds its name, as it holds the names of those that every workspace has.
create table role (
  workspace_id  int not null references workspace(id),
  name          text not null check (name ~ '^[a-z][a-z0-9-]{1,39}$' and name not in ('owner', 'administrator', 'auditor', 'support', 'billing')),
  permissions   text[] not null,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  primary key (workspace_id, name)
);
alter table membership drop constraint membership_role_check;
-- Shut out of this workspace, and of no other.
alter table membership add column disabled_at timestamptz;

-- One-time codes for whoever lost the authenticator app. Only hashes are kept.
create table recovery_code (
  staff_id   uuid not null references staff(id),
  code_hash  bytea not null,
  used_at    timestamptz,
  primary key (staff_id, code_hash)
);

-- Until when a session counts as stepped up: its person has just shown again who they are.
alter table session add column stepped_up_until timestamptz;
