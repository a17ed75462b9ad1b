-- Who may read and write: staff, their sessions, API keys.

create table staff (
  id                uuid primary key,
  email             text not null,
  name              text not null default '',
  password_hash     text,            -- argon2id; null until the person has set one
  totp_secret       text,            -- base32; pending while totp_enabled_at is null
  totp_enabled_at   timestamptz,
  totp_last_step    bigint,          -- the step of the last code taken: a code counts once
  created_at        timestamptz not null default now(),
  disabled_at       timestamptz
);
create unique index staff_email on staff (lower(email));

create table membership (
  workspace_id  int not null references workspace(id),
  staff_id      uuid not null references staff(id),
  role          text not null check (role in ('owner', 'administrator', 'auditor', 'support', 'billing')),
  created_at    timestamptz not null default now(),
  primary key (workspace_id, staff_id)
);

create table session (
  id            uuid primary key,
  token_hash    bytea not null unique,
  staff_id      uuid not null references staff(id),
  ip            inet,
  user_agent    text,
  created_at    timestamptz not null default now(),
  last_seen_at  timestamptz not null default now(),
  expires_at    timestamptz not null,
  revoked_at    timestamptz
);
create index session_staff on session (staff_id);

create table api_key (
  id            uuid primary key,
  workspace_id  int not null references workspace(id),
  name          text not null,
  prefix        text not null,
  key_hash      bytea not null unique,
  scopes        text[] not null,
  created_by    text,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz,
  last_used_at  timestamptz,
  revoked_at    timestamptz,
  replaced_by   uuid
);
create index api_key_workspace on api_key (workspace_id);

-- One-time links. Only the hash is kept. The setup link makes the first owner; a password link lets one person choose a password.
create table setup_token (
  token_hash  bytea primary key,
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null,
  used_at     timestamptz
);

create table password_link (
  token_hash  bytea primary key,
  staff_id    uuid not null references staff(id),
  created_at  timestamptz not null default now(),
  expires_at  timestamptz not null
);
create index password_link_staff on password_link (staff_id);

-- Failed sign-ins by account and by address, to slow down guessing.
create table login_throttle (
  key            text primary key,
  failures       int not null,
  last_failure   timestamptz not null,
  blocked_until  timestamptz
);
