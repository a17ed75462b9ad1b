import type { MailAttempt, MailClass } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import type { Db } from "../../db/pool.ts";
import { prepared } from "../../db/prepared.ts";
import { storable } from "../../db/storable.ts";
import { newId } from "../../record/event-id.ts";
import { GroupCommit } from "../../tasks/group-commit.ts";
import { outcomeNumber } from "./attempt-outcomes.ts";

/** One conversation about one mail. */
export interface Attempt {
  workspaceId: number;
  id: string;
  n: number;
}

export interface NewAttempt extends Attempt {
  transport: string;
  host: string;
}

export interface SentAttempt extends NewAttempt {
  code: number;
  enhanced: string | undefined;
  line: string;
  queueId: string | undefined;
  providerId: string | undefined;
}

/** How an attempt ended that did not get the mail through. */
export interface AttemptEnd {
  outcome: MailAttempt["outcome"];
  class: MailClass | null;
  code?: number | undefined;
  enhanced?: string | undefined;
  line: string | null;
}

const GROUP_MAX = 100;
const keysOf = (attempts: readonly Attempt[]): unknown[] => [
  attempts.map(({ workspaceId }) => workspaceId),
  attempts.map(({ id }) => id),
  attempts.map(({ n }) => n),
];
const given = "unnest($1::int[], $2::uuid[], $3::int[]) as given(workspace_id, id, n)";

/**
 * The steps of a conversation in which nothing goes wrong, each in a statement of its own that many mails share: begun before connecting, on
 * the wire before the first byte of the message, sent.
 */
export class AttemptBook {
  readonly #begin: GroupCommit<NewAttempt, boolean>;
  readonly #wire: GroupCommit<Attempt, boolean>;
  readonly #sent: GroupCommit<SentAttempt, boolean>;

  constructor(db: Db, clock: () => number) {
    const now = () => new Date(clock()).toISOString();
    this.#begin = new GroupCommit((attempts) => beginAll(db, now(), attempts), GROUP_MAX);
    this.#wire = new GroupCommit((attempts) => wireAll(db, now(), attempts), GROUP_MAX);
    this.#sent = new GroupCommit((attempts) => settleSent(db, clock(), attempts), GROUP_MAX);
  }

  /** Notes that a conversation is begun. False if somebody else has begun it. */
  begin(attempt: NewAttempt): Promise<boolean> {
    return this.#begin.add(attempt);
  }

  /** Notes that the message goes out now. False if the attempt was given up by somebody else, or the mail is settled: then it must not. */
  wire(attempt: Attempt): Promise<boolean> {
    return this.#wire.add(attempt);
  }

  /** The server has taken it: the mail is sent, and what was kept to be sent is gone. False if it was settled already. */
  sent(attempt: SentAttempt): Promise<boolean> {
    return this.#sent.add(attempt);
  }
}

const beginStatement = prepared(
  `insert into mail_attempt (workspace_id, message_id, n, transport, host, started_at, outcome)
       select workspace_id, id, n, transport, host, $6, 0
       from unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::text[]) as given(workspace_id, id, n, transport, host)
     on conflict do nothing returning message_id`,
);

async function beginAll(db: Db, now: string, attempts: readonly NewAttempt[]): Promise<boolean[]> {
  const { rows } = await db.query<{ message_id: string }>(
    beginStatement([
      ...keysOf(attempts),
      attempts.map(({ transport }) => transport),
      attempts.map(({ host }) => host),
      now,
    ]),
  );
  return among(rows, attempts);
}

const wireStatement = prepared(
  `update mail_attempt a set wire_at = $4 from ${given}
      where a.workspace_id = given.workspace_id and a.message_id = given.id and a.n = given.n and a.outcome = 0 and a.wire_at is null
        and exists (select from mail_message m where m.workspace_id = given.workspace_id and m.id = given.id and m.status = 0)
     returning a.message_id`,
);

async function wireAll(db: Db, now: string, attempts: readonly Attempt[]): Promise<boolean[]> {
  const { rows } = await db.query<{ message_id: string }>(wireStatement([...keysOf(attempts), now]));
  return among(rows, attempts);
}

const sentStatement = prepared(
  `with given as (
       select * from unnest($1::int[], $2::uuid[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[], $9::text[], $10::uuid[])
         as given(workspace_id, id, n, transport, code, enhanced, line, queue_id, provider_id, event_id)),
     moved as (
       update mail_message m set happenings = m.happenings + 1, status = 1, sent_at = $11, settled_at = $11, next_try_at = null,
           attempts = given.n, class = null, answer = given.line, transport = given.transport,
           queue_id = coalesce(given.queue_id, m.queue_id), provider_id = coalesce(given.provider_id, m.provider_id)
         from given where m.workspace_id = given.workspace_id and m.id = given.id and m.status = 0
       returning m.workspace_id, m.id, m.happenings, given.line, given.event_id),
     told as (
       insert into mail_happening (workspace_id, message_id, n, happening, at, event_id, answer)
       select workspace_id, id, happenings, 1, $11, event_id, line from moved),
     ended as (
       update mail_attempt a set ended_at = $11, outcome = 1, code = given.code, enhanced = given.enhanced, line = given.line from given
        where a.workspace_id = given.workspace_id and a.message_id = given.id and a.n = given.n),
     gone as (
       delete from mail_outbox o using given where o.workspace_id = given.workspace_id and o.message_id = given.id),
     said as (select pg_notify('daybook_mail', workspace_id || ' ' || id) from moved)
     select moved.id as message_id, (select count(*) from said) from moved`,
);

async function settleSent(db: Db, nowMs: number, attempts: readonly SentAttempt[]): Promise<boolean[]> {
  const { rows } = await db.query<{ message_id: string }>(
    sentStatement([
      ...keysOf(attempts),
      attempts.map(({ transport }) => transport),
      attempts.map(({ code }) => code),
      attempts.map(({ enhanced }) => enhanced ?? null),
      attempts.map(({ line }) => storable(line)),
      attempts.map(({ queueId }) => queueId ?? null),
      attempts.map(({ providerId }) => providerId ?? null),
      attempts.map(() => newId(nowMs)),
      new Date(nowMs).toISOString(),
    ]),
  );
  return among(rows, attempts);
}

function among(rows: readonly { message_id: string }[], attempts: readonly Attempt[]): boolean[] {
  const ids = new Set(rows.map((row) => row.message_id));
  return attempts.map(({ id }) => ids.has(id));
}

/** Ends an attempt that did not get the mail through, if it has no end yet. */
export async function endAttempt(db: Querier, attempt: Attempt, atMs: number, end: AttemptEnd): Promise<void> {
  await db.query(
    `update mail_attempt set ended_at = $4, outcome = $5, class = $6, code = $7, enhanced = $8, line = $9
      where workspace_id = $1 and message_id = $2 and n = $3 and outcome = 0`,
    [
      ...[attempt.workspaceId, attempt.id, attempt.n, new Date(atMs).toISOString(), outcomeNumber(end.outcome)],
      ...[end.class, end.code ?? null, end.enhanced ?? null, storable(end.line) ?? null],
    ],
  );
}

/**
 * Ends an attempt that a worker has left without an end. True if the message was on the wire: the row itself says so, for a worker that was
 * only taken for dead may have got as far since it was read.
 */
export async function endLeftOver(db: Querier, { workspaceId, id, n }: Attempt, atMs: number): Promise<boolean> {
  const { rows } = await db.query<{ was_out: boolean }>(
    `update mail_attempt set ended_at = $4, class = 'cut', outcome = case when wire_at is null then $5::smallint else $6::smallint end,
         line = case when wire_at is null then 'The worker ended before the message went out.'
           else 'The worker ended before the server answered to the message.' end
      where workspace_id = $1 and message_id = $2 and n = $3 and outcome = 0
     returning wire_at is not null as was_out`,
    [workspaceId, id, n, new Date(atMs).toISOString(), outcomeNumber("failed"), outcomeNumber("maybe_sent")],
  );
  return rows[0]?.was_out ?? false;
}
