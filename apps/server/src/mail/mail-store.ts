import type { MailClass, Target } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { prepared } from "../db/prepared.ts";
import { storableJson } from "../db/storable.ts";
import { type MailRow, mailColumns } from "./mail-row.ts";

/** Of more messages at once it is only said that many changed: `*` instead of an id. */
const SAID_ONE_BY_ONE_MAX = 50;

/** What a message said, masked: as it is kept for reading. */
export interface KeptContent {
  headers: [string, string][];
  variables: unknown;
  html: string | null;
  plain: string | null;
  attachments: { filename: string; contentType: string; bytes: number; sha256: string }[];
  masked: number;
}

/** What happened to a message before it was stored; `happening` as the contract numbers them. */
export interface DraftHappening {
  n: number;
  happening: number;
  at: string;
  event_id: string;
  note?: string | null;
  class?: MailClass | null;
  answer?: string | null;
}

/** A message to be stored: checked, masked, redacted, and with all that it needs. Numbers are those of mail-row.ts, times RFC 3339. */
export interface MailDraft {
  id: string;
  status: number;
  delivery: number;
  priority: number;
  template: string | null;
  template_version: number | null;
  locale: string | null;
  subject: string;
  from_address: string;
  from_name: string | null;
  to_address: string;
  to_key: string;
  to_domain: string;
  to_name: string | null;
  user_id: string | null;
  user_name: string | null;
  project: string | null;
  target_keys: string[];
  targets: Target[];
  message_id: string | null;
  provider: string | null;
  provider_id: string | null;
  queue_id: string | null;
  queued_at: string;
  send_at: string | null;
  sent_at: string | null;
  settled_at: string | null;
  next_try_at: string | null;
  attempts: number;
  class: MailClass | null;
  answer: string | null;
  transport: string | null;
  task_id: string | null;
  resend_of: string | null;
  requested_by: unknown;
  size_bytes: number | null;
  /** Hex. */
  body_hash: string | null;
  /** What a search for words looks into. */
  body: string;
  content: KeptContent | null;
  happened: DraftHappening[];
  actor: unknown;
  origin: unknown;
}

const draftColumns = `id uuid, status smallint, delivery smallint, priority smallint, template text, template_version int, locale text,
  subject text, from_address text, from_name text, to_address text, to_key text, to_domain text, to_name text, user_id text, user_name text,
  project text, target_keys text[], targets jsonb, message_id text, provider text, provider_id text, queue_id text, queued_at timestamptz,
  send_at timestamptz, sent_at timestamptz, settled_at timestamptz, next_try_at timestamptz, attempts int, class text, answer text,
  transport text, task_id uuid, resend_of uuid, requested_by jsonb, size_bytes int, body_hash text, body text, content jsonb, happened jsonb,
  actor jsonb, origin jsonb`;

const plainColumns = `id, status, delivery, priority, template, template_version, locale, subject, from_address, from_name, to_address, to_key,
  to_domain, to_name, user_id, user_name, project, target_keys, targets, message_id, provider, provider_id, queue_id, queued_at, send_at,
  sent_at, settled_at, next_try_at, attempts, class, answer, transport, task_id, resend_of, requested_by, size_bytes`;

const insertStatement = prepared(
  `with given as (select * from jsonb_to_recordset($2::jsonb) as given(${draftColumns})),
     made as (
       insert into mail_message (workspace_id, happenings, body_hash, ${plainColumns})
       select $1, jsonb_array_length(happened), decode(body_hash, 'hex'), ${plainColumns} from given
       on conflict (workspace_id, id) do nothing
       returning ${mailColumns}),
     words as (insert into mail_text (workspace_id, message_id, body) select $1, given.id, given.body from given join made using (id)),
     said as (
       insert into mail_content (workspace_id, message_id, headers, variables, html, plain, attachments, masked)
       select $1, given.id, content->'headers', nullif(content->'variables', 'null'), content->>'html', content->>'plain',
         content->'attachments', (content->>'masked')::int
       from given join made using (id) where jsonb_typeof(content) = 'object'),
     told as (
       insert into mail_happening (workspace_id, message_id, n, happening, at, event_id, actor, origin, note, class, answer)
       select $1, given.id, step.n, step.happening, step.at, step.event_id, given.actor, given.origin, step.note, step.class, step.answer
       from given join made using (id) cross join lateral jsonb_to_recordset(given.happened)
         as step(n int, happening smallint, at timestamptz, event_id uuid, note text, class text, answer text)),
     noted as (
       select pg_notify('daybook_mail', $1 || ' ' || case when jsonb_array_length($2::jsonb) > ${SAID_ONE_BY_ONE_MAX} then '*' else id::text end)
       from made)
     select made.*, (select count(*) from noted) from made`,
);

/**
 * Stores messages with what is found by words, what they said and what happened to them, in one statement. Returns those that were not there
 * yet, in any order.
 */
export async function insertMails(db: Querier, workspaceId: number, drafts: readonly MailDraft[]): Promise<MailRow[]> {
  if (drafts.length === 0) return [];
  const { rows } = await db.query<MailRow>(insertStatement([workspaceId, storableJson(drafts)]));
  return rows;
}

/** Several messages by id. */
export async function readMails(
  db: Querier,
  workspaceId: number,
  ids: readonly string[],
): Promise<Map<string, MailRow>> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<MailRow>(
    `select ${mailColumns} from mail_message where workspace_id = $1 and id = any($2::uuid[])`,
    [workspaceId, ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

const suppressedStatement = prepared(
  "select address_key from mail_suppression where workspace_id = $1 and address_key = any($2::text[])",
);

/** Of these addresses, in lower case, those that get no mail. */
export async function suppressedOf(db: Querier, workspaceId: number, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await db.query<{ address_key: string }>(suppressedStatement([workspaceId, [...new Set(keys)]]));
  return new Set(rows.map((row) => row.address_key));
}
