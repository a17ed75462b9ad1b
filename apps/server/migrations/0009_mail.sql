-- Mail: every message with what became of it, its templates, transports and the addresses that get none. Ids are UUIDv7; what belongs to
-- a message is partitioned by the message's id: months, created ahead like those of tasks, dropped as a whole.

-- One row a message and recipient. Small integers are in the order of packages/contract/src/mail-terms.ts.
create table mail_message (
  workspace_id      int not null,
  id                uuid not null,
  status            smallint not null,
  delivery          smallint not null,
  priority          smallint not null default 1,
  template          text,
  template_version  int,
  locale            text,
  subject           text not null,
  from_address      text not null,
  from_name         text,
  to_address        text not null,             -- as it was given
  to_key            text not null,             -- in lower case: what is looked for
  to_domain         text not null,
  to_name           text,
  user_id           text,
  user_name         text,
  project           text,
  target_keys       text[] not null default '{}',
  targets           jsonb not null default '[]',
  message_id        text,                      -- the header Message-ID, without brackets
  provider          text,                      -- of mail-terms.ts: who reported
  provider_id       text,                      -- the provider's own id
  queue_id          text,                      -- of the mail server that took it
  queued_at         timestamptz(3) not null,
  send_at           timestamptz(3),
  sent_at           timestamptz(3),
  settled_at        timestamptz(3),
  next_try_at       timestamptz(3),
  attempts          int not null default 0,
  class             text,
  answer            text,
  transport         text,
  maybe_sent        boolean not null default false,
  happenings        int not null default 0,    -- number of the last one
  task_id           uuid,
  resend_of         uuid,
  requested_by      jsonb,                     -- the actor
  size_bytes        int,
  body_hash         bytea                      -- SHA-256 of the message as it goes out
) partition by range (id);

create unique index mail_message_id on mail_message (workspace_id, id);
-- A list reads along the ids; what stands behind the id is tested in the index, without a look at the message.
create index mail_message_status on mail_message (workspace_id, status, id, template);
create index mail_message_template on mail_message (workspace_id, template, id, status) where template is not null;
create index mail_message_to on mail_message (workspace_id, to_key, id);
create index mail_message_domain on mail_message (workspace_id, to_domain, id, status);
create index mail_message_user on mail_message (workspace_id, user_id, id) where user_id is not null;
create index mail_message_class on mail_message (workspace_id, class, id, template) where class is not null;
create index mail_message_transport on mail_message (workspace_id, transport, id, status) where transport is not null;
create index mail_message_delivery on mail_message (workspace_id, delivery, id, status);
create index mail_message_project on mail_message (workspace_id, project, id) where project is not null;
-- Why mails to a domain did not get through, counted without a look at the messages.
create index mail_message_domain_class on mail_message (workspace_id, to_domain, id, class) where class is not null;
create index mail_message_resend on mail_message (workspace_id, resend_of) where resend_of is not null;
create index mail_message_header on mail_message (workspace_id, message_id) where message_id is not null;
create index mail_message_provider on mail_message (workspace_id, provider_id) where provider_id is not null;
create index mail_message_queue on mail_message (workspace_id, queue_id) where queue_id is not null;
create index mail_message_targets on mail_message using gin (target_keys) with (fastupdate = on);
create table mail_message_default partition of mail_message default;

-- What a search for words looks into, apart as with tasks.
create table mail_text (
  workspace_id  int not null,
  message_id    uuid not null,
  body          text not null,
  primary key (workspace_id, message_id)
) partition by range (message_id);
create index mail_text_body on mail_text using gin (body gin_trgm_ops) with (fastupdate = on);
create table mail_text_default partition of mail_text default;

-- What a message said, one-time links and codes masked.
create table mail_content (
  workspace_id  int not null,
  message_id    uuid not null,
  headers       jsonb not null default '[]',   -- [[name, value], …]
  variables     jsonb,
  html          text,
  plain         text,
  attachments   jsonb not null default '[]',   -- [{ filename, contentType, bytes, sha256 }]
  masked        int not null default 0,
  primary key (workspace_id, message_id)
) partition by range (message_id);
create table mail_content_default partition of mail_content default;

-- One row a conversation with a mail server. `wire_at` is committed before the last byte of the message goes out: an attempt that has it and
-- no end is one of which nobody knows whether it arrived.
create table mail_attempt (
  workspace_id  int not null,
  message_id    uuid not null,
  n             int not null,
  transport     text,
  host          text,
  started_at    timestamptz(3) not null,
  wire_at       timestamptz(3),
  ended_at      timestamptz(3),
  outcome       smallint not null,             -- mail/attempt-outcomes: sending, sent, refused_for_now, refused, failed, maybe_sent
  class         text,
  code          int,
  enhanced      text,
  line          text,
  primary key (workspace_id, message_id, n)
) partition by range (message_id);
create table mail_attempt_default partition of mail_attempt default;

-- What happened to a message, in order; each becomes an event of the log, as with tasks.
create table mail_happening (
  workspace_id  int not null,
  message_id    uuid not null,
  n             int not null,
  happening     smallint not null,
  at            timestamptz(3) not null,
  event_id      uuid not null,
  actor         jsonb,
  origin        jsonb,
  note          text,
  class         text,
  answer        text,
  told          boolean not null default false,
  primary key (workspace_id, message_id, n)
) partition by range (message_id);
create index mail_happening_untold on mail_happening (workspace_id, event_id) where not told;
create table mail_happening_default partition of mail_happening default;

-- The message as it goes out, encrypted (access/vault.ts), until it is settled.
create table mail_outbox (
  workspace_id  int not null,
  message_id    uuid not null,
  sealed        bytea not null,
  tries         int not null default 0,        -- rounds through the mail servers that came to nothing
  first_try_at  timestamptz,
  turn_at       timestamptz,                   -- when it may go out, where a rate is limited
  turn_on       text,                          -- and by which of them: mail_rate.name
  primary key (workspace_id, message_id)
);
-- What is encrypted cannot be made smaller.
alter table mail_outbox alter column sealed set storage external;

-- Where a rate is limited: when the next mail may go. One row a transport, and one a transport and domain.
create table mail_rate (
  workspace_id  int not null,
  name          text not null,
  next_at       timestamptz not null,
  primary key (workspace_id, name)
);

-- Keys of callers, so that a call that is made twice sends once.
create table mail_key (
  workspace_id  int not null,
  key           text not null,
  message_id    uuid not null,
  order_hash    bytea not null,
  at            timestamptz not null,
  primary key (workspace_id, key)
);
create index mail_key_at on mail_key (at);

-- Counts by the hour in which messages were queued; what becomes of a message later is counted in that hour.
create table mail_hour (
  workspace_id  int not null,
  hour          timestamptz not null,
  template      text not null,                 -- '' for none
  domain        text not null,
  queued        int not null default 0,
  sent          int not null default 0,
  failed        int not null default 0,
  bounced       int not null default 0,
  delivered     int not null default 0,
  complained    int not null default 0,
  suppressed    int not null default 0,
  primary key (workspace_id, hour, template, domain)
);
create index mail_hour_domain on mail_hour (workspace_id, domain, hour);
create index mail_hour_template_hour on mail_hour (workspace_id, template, hour);

-- The same summed, for charts over a long time. Triggers keep them, so that whoever counts an hour need not know.
create table mail_hour_template (
  workspace_id  int not null,
  hour          timestamptz not null,
  template      text not null,
  queued        int not null default 0,
  sent          int not null default 0,
  failed        int not null default 0,
  bounced       int not null default 0,
  delivered     int not null default 0,
  complained    int not null default 0,
  suppressed    int not null default 0,
  primary key (workspace_id, hour, template)
);
create table mail_day_domain (
  workspace_id  int not null,
  day           timestamptz not null,          -- its beginning in UTC
  domain        text not null,
  queued        int not null default 0,
  sent          int not null default 0,
  failed        int not null default 0,
  bounced       int not null default 0,
  delivered     int not null default 0,
  complained    int not null default 0,
  suppressed    int not null default 0,
  primary key (workspace_id, day, domain)
);
-- One counts at a time: two that count in several statements would else wait for each other.
create function take_mail_hours() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtext('daybook.mail-hours'));
  return null;
end
$$;
create function sum_new_mail_hours() returns trigger language plpgsql as $$
begin
  insert into mail_hour_template as sums (workspace_id, hour, template, queued, sent, failed, bounced, delivered, complained, suppressed)
    select workspace_id, hour, template, sum(queued), sum(sent), sum(failed), sum(bounced), sum(delivered), sum(complained), sum(suppressed)
      from now_rows as changed group by 1, 2, 3 order by 1, 2, 3
    on conflict (workspace_id, hour, template) do update set
      queued = sums.queued + excluded.queued, sent = sums.sent + excluded.sent, failed = sums.failed + excluded.failed,
      bounced = sums.bounced + excluded.bounced, delivered = sums.delivered + excluded.delivered, complained = sums.complained + excluded.complained,
      suppressed = sums.suppressed + excluded.suppressed;
  insert into mail_day_domain as sums (workspace_id, day, domain, queued, sent, failed, bounced, delivered, complained, suppressed)
    select workspace_id, date_trunc('day', hour, 'UTC'), domain, sum(queued), sum(sent), sum(failed), sum(bounced), sum(delivered), sum(complained), sum(suppressed)
      from now_rows as changed group by 1, 2, 3 order by 1, 2, 3
    on conflict (workspace_id, day, domain) do update set
      queued = sums.queued + excluded.queued, sent = sums.sent + excluded.sent, failed = sums.failed + excluded.failed,
      bounced = sums.bounced + excluded.bounced, delivered = sums.delivered + excluded.delivered, complained = sums.complained + excluded.complained,
      suppressed = sums.suppressed + excluded.suppressed;
  return null;
end
$$;
create function sum_changed_mail_hours() returns trigger language plpgsql as $$
begin
  insert into mail_hour_template as sums (workspace_id, hour, template, queued, sent, failed, bounced, delivered, complained, suppressed)
    select workspace_id, hour, template, sum(queued), sum(sent), sum(failed), sum(bounced), sum(delivered), sum(complained), sum(suppressed)
      from (select workspace_id, hour, template, domain, queued, sent, failed, bounced, delivered, complained, suppressed from now_rows union all
        select workspace_id, hour, template, domain, -queued, -sent, -failed, -bounced, -delivered, -complained, -suppressed from was_rows) as changed group by 1, 2, 3 order by 1, 2, 3
    on conflict (workspace_id, hour, template) do update set
      queued = sums.queued + excluded.queued, sent = sums.sent + excluded.sent, failed = sums.failed + excluded.failed,
      bounced = sums.bounced + excluded.bounced, delivered = sums.delivered + excluded.delivered, complained = sums.complained + excluded.complained,
      suppressed = sums.suppressed + excluded.suppressed;
  insert into mail_day_domain as sums (workspace_id, day, domain, queued, sent, failed, bounced, delivered, complained, suppressed)
    select workspace_id, date_trunc('day', hour, 'UTC'), domain, sum(queued), sum(sent), sum(failed), sum(bounced), sum(delivered), sum(complained), sum(suppressed)
      from (select workspace_id, hour, template, domain, queued, sent, failed, bounced, delivered, complained, suppressed from now_rows union all
        select workspace_id, hour, template, domain, -queued, -sent, -failed, -bounced, -delivered, -complained, -suppressed from was_rows) as changed group by 1, 2, 3 order by 1, 2, 3
    on conflict (workspace_id, day, domain) do update set
      queued = sums.queued + excluded.queued, sent = sums.sent + excluded.sent, failed = sums.failed + excluded.failed,
      bounced = sums.bounced + excluded.bounced, delivered = sums.delivered + excluded.delivered, complained = sums.complained + excluded.complained,
      suppressed = sums.suppressed + excluded.suppressed;
  return null;
end
$$;
create trigger mail_hour_taken before insert or update on mail_hour
  for each statement execute function take_mail_hours();
create trigger mail_hour_new after insert on mail_hour referencing new table as now_rows
  for each statement execute function sum_new_mail_hours();
create trigger mail_hour_changed after update on mail_hour referencing old table as was_rows new table as now_rows
  for each statement execute function sum_changed_mail_hours();

-- Templates: what holds for all locales. A shipped one has a row once it is changed.
create table mail_template (
  workspace_id  int not null references workspace(id),
  name          text not null,
  settings      jsonb not null,                -- title, what, kind, tokens, layout, unsubscribe
  updated_at    timestamptz not null,
  updated_by    text,
  primary key (workspace_id, name)
);

-- Every version of every locale. `current` is what is sent; a reset leaves none current, and the shipped one holds.
create table mail_template_version (
  workspace_id  int not null,
  name          text not null,
  locale        text not null,
  version       int not null,
  subject       text not null,
  html          text not null,
  plain         text,
  at            timestamptz not null,
  by_name       text,
  note          text,
  good          boolean not null default true, -- it can be rendered
  fault         text,
  current       boolean not null default false,
  primary key (workspace_id, name, locale, version)
);
create unique index mail_template_current on mail_template_version (workspace_id, name, locale) where current;

-- Mail servers. Passwords and keys are encrypted.
create table mail_transport (
  workspace_id   int not null references workspace(id),
  name           text not null,
  settings       jsonb not null,
  sealed         bytea,                        -- { password?, dkimKey? }
  updated_at     timestamptz not null,
  primary key (workspace_id, name)
);
-- How it goes with a transport; of those of the configuration file too.
create table mail_transport_state (
  workspace_id   int not null,
  name           text not null,
  last_sent_at   timestamptz,
  last_fault_at  timestamptz,
  last_class     text,
  last_fault     text,
  primary key (workspace_id, name)
);

-- Addresses that get no mail. Its event is written after it, by whoever comes first: `told`.
create table mail_suppression (
  workspace_id  int not null,
  address_key   text not null,                 -- in lower case
  reason        text not null,
  at            timestamptz not null,
  by_name       text,
  note          text,
  message_id    uuid,
  event_id      uuid not null,                 -- UUIDv7 of `at`: also the order of the list
  actor         jsonb,
  origin        jsonb,
  told          boolean not null default false,
  primary key (workspace_id, address_key)
);
create unique index mail_suppression_event on mail_suppression (workspace_id, event_id);
create index mail_suppression_untold on mail_suppression (event_id) where not told;

-- What providers sign their reports with, and the reports that were taken: each counts once.
create table mail_provider (
  workspace_id  int not null references workspace(id),
  provider      text not null,
  sealed        bytea not null,
  updated_at    timestamptz not null,
  last_at       timestamptz,
  last_fault    text,
  primary key (workspace_id, provider)
);
create table mail_provider_event (
  workspace_id  int not null,
  provider      text not null,
  event_key     text not null,
  at            timestamptz not null,
  primary key (workspace_id, provider, event_key)
);
create index mail_provider_event_at on mail_provider_event (at);

-- Sessions that ended by themselves are told of once.
alter table session add column expiry_told_at timestamptz;
create index session_open on session (last_seen_at) where revoked_at is null and expiry_told_at is null;

-- Mails that cannot wait come before those that can.
alter table task add column priority smallint not null default 0;
