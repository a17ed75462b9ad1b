import type { PoolClient } from "pg";
import type { Db } from "../../db/pool.ts";
import { storableJson } from "../../db/storable.ts";
import { inTransaction } from "../../db/transaction.ts";
import { addressKey, domainOf, mailDeliveryNumber, mailStatusNumber } from "../../mail/mail-row.ts";
import type { EventItem } from "../importer.ts";
import type { ImportedDelivery } from "./imported-mail.ts";
import { type KeptMail, keptMail, takeDelivery } from "./imported-mail-steps.ts";

/** Times in a log are rounded, and delays to two digits: rows of the same queue id and recipient this near belong together. */
const SAME_MS = 2_000;
/** A mail that Daybook sent itself was given to the mail server about when the server took it; clocks of two machines may differ. */
const OWN_BEFORE_MS = 10 * 60_000;

type MailItem = EventItem & { mail: ImportedDelivery };

/**
 * Keeps the deliveries of a batch in the mail log.
 *  1. Find the messages that are there: of this log read before, or mails that Daybook gave to this very server.
 *  2. Make the others, one a queue id and recipient.
 *  3. Lock them, leave out deliveries that they have, take the others in order.
 * Gives the items back with the ids of the messages as they are in the mail log.
 */
export async function keepMails(db: Db, workspaceId: number, items: EventItem[]): Promise<EventItem[]> {
  const mails = items.filter((item): item is MailItem => item.mail !== undefined);
  if (mails.length === 0) return items;
  const ids = await inTransaction(db, async (client) => {
    const known = await findMails(client, workspaceId, mails);
    await insertMails(
      client,
      workspaceId,
      mails.filter(({ mail }) => !known.has(mail.mailId)),
    );
    const idOf = ({ mailId }: ImportedDelivery): string => known.get(mailId) ?? mailId;
    const rows = await lockMails(client, workspaceId, [...new Set(mails.map(({ mail }) => idOf(mail)))]);
    const told = await toldEvents(client, workspaceId, [...rows.keys()]);
    for (const { mail } of mails) {
      const row = rows.get(idOf(mail));
      if (row !== undefined && !told.has(mail.eventId)) takeDelivery(row, mail);
    }
    await storeMails(
      client,
      workspaceId,
      [...rows.values()].filter(({ steps }) => steps.length > 0),
    );
    return known;
  });
  return items.map((item) => (item.mail === undefined ? item : withId(item, ids.get(item.mail.mailId))));
}

function withId(item: EventItem, id: string | undefined): EventItem {
  if (id === undefined || id === item.mail?.mailId) return item;
  const targets = item.event.targets?.map((target) =>
    target.type === "mail" && target.id === item.mail?.mailId ? { ...target, id } : target,
  );
  return { ...item, event: { ...item.event, ...(targets === undefined ? {} : { targets }) } };
}

interface FoundRow {
  id: string;
  queue_id: string;
  to_key: string;
  delivery: number;
  queued_at: Date;
  sent_at: Date | null;
}

/** The ids of messages that are there, by the id that a new one would get. */
async function findMails(
  client: PoolClient,
  workspaceId: number,
  items: readonly MailItem[],
): Promise<Map<string, string>> {
  const { rows } = await client.query<FoundRow>(
    `select id, queue_id, to_key, delivery, queued_at, sent_at from mail_message
      where workspace_id = $1 and queue_id = any($2::text[])`,
    [workspaceId, [...new Set(items.map(({ mail }) => mail.queueId))]],
  );
  const byKey = Map.groupBy(rows, (row) => `${row.queue_id}\n${row.to_key}`);
  const found = new Map<string, string>();
  for (const { mail } of items) {
    const row = byKey.get(`${mail.queueId}\n${addressKey(mail.to)}`)?.find((each) => isSame(each, mail));
    if (row !== undefined) found.set(mail.mailId, row.id);
  }
  return found;
}

function isSame(row: FoundRow, mail: ImportedDelivery): boolean {
  if (row.delivery === mailDeliveryNumber("imported"))
    return Math.abs(row.queued_at.getTime() - mail.queuedMs) <= SAME_MS;
  return row.sent_at !== null && Math.abs(row.sent_at.getTime() - mail.queuedMs) <= OWN_BEFORE_MS;
}

async function insertMails(client: PoolClient, workspaceId: number, items: readonly MailItem[]): Promise<void> {
  const made = new Map(items.map(({ mail }) => [mail.mailId, rowOf(mail)]));
  if (made.size === 0) return;
  const rows = storableJson([...made.values()]);
  const inserted = await client.query<{ id: string }>(
    `insert into mail_message (workspace_id, id, status, delivery, subject, from_address, to_address, to_key, to_domain, message_id, queue_id,
       queued_at, size_bytes, requested_by, targets, target_keys)
     select $1, id, $3, $4, subject, "from", "to", "toKey", "toDomain", "messageId", "queueId", "queuedAt", "sizeBytes", actor, targets, keys
       from jsonb_to_recordset($2::jsonb) as new(id uuid, subject text, "from" text, "to" text, "toKey" text, "toDomain" text,
         "messageId" text, "queueId" text, "queuedAt" timestamptz, "sizeBytes" int, actor jsonb, targets jsonb, keys text[])
     on conflict (workspace_id, id) do nothing returning id`,
    [workspaceId, rows, mailStatusNumber("queued"), mailDeliveryNumber("imported")],
  );
  const fresh = inserted.rows.map(({ id }) => id);
  await client.query(
    `insert into mail_text (workspace_id, message_id, body)
     select $1, id, words from jsonb_to_recordset($2::jsonb) as new(id uuid, words text) where id = any($3::uuid[])
     on conflict do nothing`,
    [workspaceId, rows, fresh],
  );
  await client.query(
    `insert into mail_hour (workspace_id, hour, template, domain, queued)
     select $1, date_trunc('hour', queued_at, 'UTC'), '', to_domain, count(*) from mail_message
      where workspace_id = $1 and id = any($2::uuid[]) group by 2, 4 order by 2, 4
     on conflict (workspace_id, hour, template, domain) do update set queued = mail_hour.queued + excluded.queued`,
    [workspaceId, fresh],
  );
}

/** A message as it came into the queue. */
function rowOf(mail: ImportedDelivery): object {
  const { mailId, subject, from, to, origTo, messageId, queueId, queuedMs, sizeBytes, sasl, parentId } = mail;
  const targets = [
    ...(origTo === undefined ? [] : [{ type: "mail_address", id: origTo }]),
    ...(parentId === undefined ? [] : [{ type: "mail", id: parentId }]),
  ];
  return {
    ...{ id: mailId, subject, from, to, messageId, queueId, sizeBytes, targets },
    toKey: addressKey(to),
    toDomain: domainOf(to),
    queuedAt: new Date(queuedMs).toISOString(),
    actor: sasl === undefined ? { type: "system", name: "Postfix" } : { type: "user", id: sasl },
    keys: targets.map(({ type, id }) => `${type}/${id}`),
    words: [subject, from, to, origTo, messageId, queueId, sasl].filter(Boolean).join("\n").toLowerCase(),
  };
}

async function lockMails(client: PoolClient, workspaceId: number, ids: string[]): Promise<Map<string, KeptMail>> {
  const { rows } = await client.query<{
    id: string;
    status: number;
    queued_at: Date;
    template: string | null;
    to_domain: string;
    attempts: number;
    happenings: number;
  }>(
    `select id, status, queued_at, template, to_domain, attempts, happenings from mail_message
      where workspace_id = $1 and id = any($2::uuid[]) order by id for update`,
    [workspaceId, ids],
  );
  return new Map(rows.map((row) => [row.id, keptMail(row)]));
}

async function toldEvents(client: PoolClient, workspaceId: number, ids: string[]): Promise<Set<string>> {
  const { rows } = await client.query<{ event_id: string }>(
    "select event_id from mail_happening where workspace_id = $1 and message_id = any($2::uuid[])",
    [workspaceId, ids],
  );
  return new Set(rows.map((row) => row.event_id));
}

/** Writes the steps that were taken: attempts, happenings, the state that the messages came to, and the counts of their hours. */
async function storeMails(client: PoolClient, workspaceId: number, mails: readonly KeptMail[]): Promise<void> {
  const steps = storableJson(mails.flatMap((mail) => mail.steps));
  await client.query(
    `insert into mail_attempt (workspace_id, message_id, n, transport, host, started_at, ended_at, outcome, class, code, enhanced, line)
     select $1, "mailId", "attempt", 'postfix', relay, "startedAt", at, outcome, class, code, dsn, answer
       from jsonb_to_recordset($2::jsonb) as step("mailId" uuid, attempt int, relay text, "startedAt" timestamptz, at timestamptz,
         outcome smallint, class text, code int, dsn text, answer text) where attempt is not null`,
    [workspaceId, steps],
  );
  await client.query(
    `insert into mail_happening (workspace_id, message_id, n, happening, at, event_id, actor, class, answer, told)
     select $1, "mailId", n, happening, at, "eventId", '{"type":"system","id":"postfix","name":"Postfix"}', class, answer, true
       from jsonb_to_recordset($2::jsonb) as step("mailId" uuid, n int, happening smallint, at timestamptz, "eventId" uuid,
         class text, answer text)`,
    [workspaceId, steps],
  );
  await client.query(
    `update mail_message as mail set status = new.status, attempts = new.attempts, happenings = new.happenings, class = new.class,
       answer = new.answer, transport = coalesce(new.relay, mail.transport), sent_at = coalesce(mail.sent_at, new."sentAt"),
       settled_at = coalesce(new."settledAt", mail.settled_at)
       from jsonb_to_recordset($2::jsonb) as new(id uuid, status smallint, attempts int, happenings int, class text, answer text, relay text,
         "sentAt" timestamptz, "settledAt" timestamptz)
      where mail.workspace_id = $1 and mail.id = new.id`,
    [workspaceId, storableJson(mails.map(({ steps: _, ...mail }) => mail))],
  );
  await countEnds(client, workspaceId, mails);
}

/** Moves messages from one count to the next, as mail/mail-counts.ts does. */
async function countEnds(client: PoolClient, workspaceId: number, mails: readonly KeptMail[]): Promise<void> {
  const ended = mails.filter((mail) => mail.status !== mail.was);
  const is = (name: "sent" | "failed" | "bounced") =>
    `count(*) filter (where status = ${mailStatusNumber(name)}) - count(*) filter (where was = ${mailStatusNumber(name)})`;
  await client.query(
    `insert into mail_hour (workspace_id, hour, template, domain, sent, failed, bounced)
     select $1, date_trunc('hour', "queuedAt", 'UTC'), template, domain, ${is("sent")}, ${is("failed")}, ${is("bounced")}
       from jsonb_to_recordset($2::jsonb) as ended("queuedAt" timestamptz, template text, domain text, status smallint, was smallint)
      group by 2, 3, 4 order by 2, 3, 4
     on conflict (workspace_id, hour, template, domain) do update set sent = mail_hour.sent + excluded.sent,
       failed = mail_hour.failed + excluded.failed, bounced = mail_hour.bounced + excluded.bounced`,
    [workspaceId, storableJson(ended)],
  );
}
