import type { MailClass, MailHappening, MailProvider, MailReport, MailStatus } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { storable } from "../db/storable.ts";
import { RedactionRun } from "../record/redaction-run.ts";
import type { Doer } from "../tasks/transition.ts";
import { readMail } from "./log/mail-store.ts";
import type { MailDeps } from "./mail-desk.ts";
import { type MailRow, mailStatusNumber } from "./mail-row.ts";
import { type MailStep, takeMailStep } from "./mail-step.ts";
import { dropFromOutbox } from "./outbox.ts";
import { addSuppression } from "./suppression/suppression-store.ts";

/** What somebody says has become of a mail: the panel that sent it, a provider, a mail server's log. */
export interface ReportedMail extends Doer {
  status: MailReport["status"];
  /** When; left out, now. What lies ahead counts as now. */
  atMs?: number | undefined;
  class?: MailClass | undefined;
  answer?: string | undefined;
  provider?: MailProvider | undefined;
  /** The provider's own id of the mail. */
  providerId?: string | undefined;
}

/**
 * From which statuses a report moves a mail on. What is told later wins over what is told earlier, in the order queued, sent, delivered,
 * bounced, complained: so reports may come twice and in any order. A delivery that is reported of a mail that was given up counts only if an
 * attempt had broken off after the message was on the wire.
 */
const before: Record<MailReport["status"], readonly MailStatus[]> = {
  sent: ["queued"],
  failed: ["queued", "sent"],
  delivered: ["queued", "sent"],
  bounced: ["queued", "sent", "delivered"],
  complained: ["queued", "sent", "delivered"],
};

/** Bounces after which the address is not written to again; others say that it is full, or that the mail was not liked. */
const hard: ReadonlySet<MailClass> = new Set(["recipient_refused"]);

/** The longest answer that is kept. */
const ANSWER_LENGTH_MAX = 2_000;

/**
 * Notes a report, in the caller's transaction. `moved` is false when it tells nothing new. A hard bounce and a complaint put the address on the
 * suppression list. Throws `not_found`.
 */
export async function reportMail(
  client: Querier,
  deps: Pick<MailDeps, "clock" | "redaction">,
  workspaceId: number,
  id: string,
  report: ReportedMail,
): Promise<{ row: MailRow; moved: boolean }> {
  const known = await readMail(client, workspaceId, id);
  const { status } = report;
  const atMs = Math.min(deps.clock(), report.atMs ?? Number.POSITIVE_INFINITY);
  const answer = report.answer === undefined ? undefined : cleanAnswer(deps, workspaceId, report.answer);
  const mailClass =
    report.class ?? (status === "bounced" ? "recipient_refused" : status === "complained" ? "complaint" : undefined);
  const at = new Date(atMs).toISOString();
  const from = before[status].map(mailStatusNumber);
  if (status === "delivered" && known.maybe_sent) from.push(mailStatusNumber("failed"));
  const step: MailStep = {
    ...{ workspaceId, id, happening: status satisfies MailHappening, from, atMs, class: mailClass, answer },
    ...{ actor: report.actor, origin: report.origin },
    set: [
      ["status = {0}", mailStatusNumber(status)],
      ["settled_at = greatest({0}::timestamptz, queued_at)", at],
      ["next_try_at = null"],
      // Whoever got it, or complained of it, was sent it.
      ...(status === "failed"
        ? []
        : ([["sent_at = coalesce(sent_at, greatest({0}::timestamptz, queued_at))", at]] as MailStep["set"])),
      // What kept it back before does not matter once it is through.
      ["class = {0}", mailClass ?? null],
      ...(answer === undefined ? [] : ([["answer = {0}", answer]] as MailStep["set"])),
      ...(report.provider === undefined ? [] : ([["provider = {0}", report.provider]] as MailStep["set"])),
      ...(report.providerId === undefined
        ? []
        : ([["provider_id = coalesce(provider_id, {0})", report.providerId]] as MailStep["set"])),
    ],
  };
  const row = await takeMailStep(client, step);
  if (row === undefined) return { row: await readMail(client, workspaceId, id), moved: false };
  await dropFromOutbox(client, workspaceId, [id]);
  const reason =
    status === "complained"
      ? "complaint"
      : status === "bounced" && hard.has(mailClass as MailClass)
        ? "hard_bounce"
        : undefined;
  if (reason !== undefined)
    await addSuppression(client, workspaceId, { address: row.to_address, reason, messageId: id, note: answer, atMs });
  return { row, moved: true };
}

/** What a mail server or a provider said, without secrets, as it may be stored. */
export function cleanAnswer(deps: Pick<MailDeps, "redaction">, workspaceId: number, answer: string): string {
  const run = new RedactionRun(deps.redaction.of(workspaceId), []);
  return storable(run.part("text", answer.slice(0, ANSWER_LENGTH_MAX).toWellFormed()) as string);
}
