import {
  type Actor,
  type MailAttempt,
  type MailClass,
  type MailDetail,
  mailAttemptSchema,
  mailClassTexts,
  mailHappenings,
} from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { type MailRow, mailStatusOf, toMail } from "../mail-row.ts";
import { findSuppression } from "../suppression/suppression-store.ts";

/** As numbered in `mail_attempt.outcome`. */
const outcomes = mailAttemptSchema.shape.outcome.options;
const RESENDS_SHOWN = 100;

interface HappeningRow {
  happening: number;
  at: Date;
  event_id: string;
  actor: Actor | null;
  note: string | null;
  class: MailClass | null;
  answer: string | null;
}

interface AttemptRow {
  n: number;
  transport: string | null;
  host: string | null;
  started_at: Date;
  ended_at: Date | null;
  outcome: number;
  class: MailClass | null;
  code: number | null;
  enhanced: string | null;
  line: string | null;
}

/** A mail with all that happened to it. */
export async function mailInFull(db: Querier, row: MailRow): Promise<MailDetail> {
  const place = [row.workspace_id, row.id];
  const [happenings, attempts, resends, content, suppression] = await Promise.all([
    db.query<HappeningRow>(
      `select happening, at, event_id, actor, note, class, answer from mail_happening
        where workspace_id = $1 and message_id = $2 order by n`,
      place,
    ),
    db.query<AttemptRow>(
      `select n, transport, host, started_at, ended_at, outcome, class, code, enhanced, line from mail_attempt
        where workspace_id = $1 and message_id = $2 order by n`,
      place,
    ),
    db.query<MailRow>(
      `select id, status, to_address, queued_at from mail_message
        where workspace_id = $1 and resend_of = $2 order by id limit ${RESENDS_SHOWN}`,
      place,
    ),
    db.query("select from mail_content where workspace_id = $1 and message_id = $2", place),
    findSuppression(db, row.workspace_id, row.to_key),
  ]);
  return {
    ...toMail(row),
    timeline: happenings.rows.map((each) => ({
      happening: mailHappenings[each.happening] ?? "queued",
      at: each.at.toISOString(),
      eventId: each.event_id,
      ...some({ by: each.actor?.name ?? each.actor?.email ?? each.actor?.id, note: noteOf(each) }),
    })),
    attemptList: attempts.rows.map(attemptOf),
    resends: resends.rows.map((each) => ({
      id: each.id,
      status: mailStatusOf(each),
      to: each.to_address,
      queuedAt: each.queued_at.toISOString(),
    })),
    ...(suppression === undefined ? {} : { suppressed: { reason: suppression.reason, at: suppression.at } }),
    hasContent: content.rows.length > 0,
  };
}

/** What was said of it: a note, the class in words, the server's answer. */
function noteOf({ note, class: kind, answer }: HappeningRow): string | undefined {
  const said = [note, kind === null ? null : mailClassTexts[kind], answer].filter((text) => text !== null);
  return said.length === 0 ? undefined : [...new Set(said)].join(": ");
}

function attemptOf(row: AttemptRow): MailAttempt {
  return {
    n: row.n,
    startedAt: row.started_at.toISOString(),
    outcome: outcomes[row.outcome] ?? "failed",
    ...some({
      transport: row.transport,
      host: row.host,
      endedAt: row.ended_at?.toISOString(),
      class: row.class,
      code: row.code,
      enhanced: row.enhanced,
      line: row.line,
    }),
  };
}

/** The members that are there. */
function some<T extends Record<string, unknown>>(members: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  ) as { [K in keyof T]?: NonNullable<T[K]> };
}
