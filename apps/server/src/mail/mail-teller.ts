import {
  type Actor,
  type EventInput,
  limits,
  type MailClass,
  type MailHappening,
  mailClassTexts,
  mailHappenings,
} from "@daybook/contract";
import type { PoolClient } from "pg";
import { prepared } from "../db/prepared.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { LEAST_ID } from "../tasks/spans.ts";
import { tellEvents } from "../tasks/tell-events.ts";
import { Telling } from "../tasks/telling.ts";
import { countHappenings } from "./mail-counts.ts";
import { tellSuppressions } from "./suppression/suppression-teller.ts";

/** Happenings told in one round. */
const ROUND_MAX = 500;
const LOCK = "daybook.mail-teller";

type TellerDeps = Pick<Deps, "db" | "record" | "log" | "clock">;

export interface UntoldMail {
  workspace_id: number;
  message_id: string;
  n: number;
  happening: number;
  at: Date;
  event_id: string;
  actor: Actor | null;
  origin: EventInput["origin"] | null;
  note: string | null;
  class: MailClass | null;
  answer: string | null;
  /** The last happening before it that gave the message its status. */
  previous: number | null;
  to_address: string;
  to_domain: string;
  template: string | null;
  transport: string | null;
  task_id: string | null;
  resend_of: string | null;
  user_id: string | null;
  project: string | null;
  targets: NonNullable<EventInput["targets"]>;
  queued_at: Date;
}

/** Tells the log what happened to mails, as tasks/teller.ts does of tasks: under ids that were chosen with the happenings, each once. */
export function mailTeller(deps: TellerDeps): Telling {
  const round = async (firstId: string): Promise<boolean> => {
    const told = await tellMails(deps, firstId);
    await tellSuppressions(deps);
    return told === ROUND_MAX;
  };
  return new Telling(deps, { channel: "daybook_mail", what: "mails", round });
}

/** Happenings after which a mail has the status that it had. */
const statusless = (["deferred", "reported"] as const).map((name) => mailHappenings.indexOf(name)).join(", ");

const untoldStatement = prepared(
  `select happening.workspace_id, happening.message_id, happening.n, happening.happening, happening.at, happening.event_id, happening.actor,
          happening.origin, happening.note, happening.class, happening.answer, mail.to_address, mail.to_domain, mail.template, mail.transport, mail.task_id, mail.resend_of, mail.user_id,
          mail.project, mail.targets, mail.queued_at,
          (select earlier.happening from mail_happening as earlier
            where earlier.workspace_id = happening.workspace_id and earlier.message_id = happening.message_id
              and earlier.n < happening.n and earlier.happening <> all(array[${statusless}])
            order by earlier.n desc limit 1) as previous
     from (select * from mail_happening where not told and event_id >= $2 order by event_id limit $1) as happening
     join mail_message as mail on mail.workspace_id = happening.workspace_id and mail.id = happening.message_id
    order by happening.event_id`,
);

const toldStatement = prepared(
  `update mail_happening as happening set told = true
     from unnest($1::int[], $2::uuid[], $3::int[]) as given(workspace_id, message_id, n)
    where happening.workspace_id = given.workspace_id and happening.message_id = given.message_id and happening.n = given.n`,
);

const answersStatement = prepared(
  `update mail_text as words set body = left(body || ' ' || answer, 200000)
     from unnest($1::int[], $2::uuid[], $3::text[]) as given(workspace_id, message_id, answer)
    where words.workspace_id = given.workspace_id and words.message_id = given.message_id and position(answer in body) = 0`,
);

/**
 * Tells at most one round of what is not told yet, of ids from `firstId` on; how many it was. One teller of all servers does it at a time.
 *  1. Read the oldest happenings that are not told.
 *  2. Write their events.
 *  3. Count them, let the answers be found by words, and mark them as told, in one transaction.
 */
export async function tellMails(deps: TellerDeps, firstId = LEAST_ID): Promise<number> {
  return inTransaction(deps.db, async (client) => {
    const lock = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock(hashtext($1)) as mine", [
      LOCK,
    ]);
    if (lock.rows[0]?.mine !== true) return 0;
    const { rows } = await client.query<UntoldMail>(untoldStatement([ROUND_MAX, firstId]));
    if (rows.length === 0) return 0;
    for (const [workspaceId, told] of Map.groupBy(rows, (row) => row.workspace_id)) {
      // What happened to a mail within one millisecond in its order.
      const inOrder = told.toSorted((a, b) => Number(a.at) - Number(b.at) || a.n - b.n);
      await tellEvents(deps, workspaceId, inOrder.map(eventOf));
      await countHappenings(client, workspaceId, told);
    }
    await addAnswers(client, rows);
    await client.query(
      toldStatement([rows.map((row) => row.workspace_id), rows.map((row) => row.message_id), rows.map((row) => row.n)]),
    );
    return rows.length;
  });
}

const failures: ReadonlySet<MailHappening> = new Set(["failed", "bounced", "complained", "suppressed", "deferred"]);

function eventOf(row: UntoldMail): EventInput {
  const happening = mailHappenings[row.happening] ?? "queued";
  const owner = row.user_id === null ? {} : { ownerId: row.user_id };
  return {
    id: row.event_id,
    occurredAt: row.at.toISOString(),
    action: `mail.${happening}`,
    actor: row.actor ?? { type: "system", name: "Daybook" },
    targets: [{ type: "mail", id: row.message_id, name: row.to_address, ...owner }, ...row.targets].slice(
      0,
      limits.targetsMax,
    ),
    ...(row.project === null ? {} : { project: row.project }),
    origin: row.origin ?? { ip: null },
    outcome: failures.has(happening) ? "failure" : "success",
    ...(row.class === null ? {} : { reason: row.class }),
    details: {
      messageId: row.message_id,
      ...(row.template === null ? {} : { template: row.template }),
      ...(row.class === null ? {} : { class: row.class, why: mailClassTexts[row.class] }),
      ...(row.answer === null ? {} : { answer: row.answer }),
      ...(row.transport === null || row.n === 1 ? {} : { transport: row.transport }),
      ...(row.task_id === null ? {} : { taskId: row.task_id }),
      ...(row.resend_of === null || row.n > 1 ? {} : { resendOf: row.resend_of }),
      ...(row.note === null ? {} : { note: row.note }),
    },
  };
}

/** Lets messages be found by what was answered to them. */
async function addAnswers(client: PoolClient, rows: readonly UntoldMail[]): Promise<void> {
  const answered = [...new Map(rows.filter((row) => row.answer !== null).map((row) => [row.message_id, row])).values()];
  if (answered.length === 0) return;
  await client.query(
    answersStatement([
      answered.map((row) => row.workspace_id),
      answered.map((row) => row.message_id),
      answered.map((row) => [row.class ?? "", row.answer].join(" ")),
    ]),
  );
}
