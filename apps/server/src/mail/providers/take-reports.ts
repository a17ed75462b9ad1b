import { hash } from "node:crypto";
import type { MailProvider } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { Querier } from "../../access/staff-store.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import type { Doer } from "../../tasks/transition.ts";
import { addressKey, mailStatusNumber } from "../mail-row.ts";
import { takeMailStep } from "../mail-step.ts";
import { cleanAnswer, reportMail } from "../report-mail.ts";
import { addSuppression } from "../suppression/suppression-store.ts";
import { tellSuppressions } from "../suppression/suppression-teller.ts";
import type { ProviderReport } from "./provider-report.ts";
import { noteReport, takeKeys } from "./provider-store.ts";

export interface ReportsTaken {
  /** Reports that say something of a mail. */
  reports: number;
  /** Of mails that are known, for the first time. */
  taken: number;
  /** That were taken before. */
  repeated: number;
  /** Of mails that are not in this workspace. */
  unknown: number;
}

export interface ReportsFrom extends Doer {
  workspaceId: number;
  provider: MailProvider;
}

/**
 * Takes what a provider reports, each report once.
 *  1. Find the mails: by our own id in the metadata, by the provider's id, by Message-ID; of several recipients the one that is named.
 *  2. In one transaction: take the keys of the reports, and for those that are new the steps of their mails, in the order of their ids, so
 *     that requests which come at the same time do not wait for each other in a circle.
 */
export async function takeReports(
  deps: Pick<Deps, "db" | "clock" | "redaction" | "record" | "log">,
  from: ReportsFrom,
  reports: readonly ProviderReport[],
): Promise<ReportsTaken> {
  const { workspaceId, provider } = from;
  const nowMs = deps.clock();
  const mails = await findMails(deps.db, workspaceId, reports);
  const unknown = reports.flatMap((report, place) => (mails[place] === undefined ? [report.key] : []));
  const known = reports.flatMap((report, place) => {
    const id = mails[place];
    return id === undefined ? [] : [{ id, report, key: hash("sha256", report.key, "hex") }];
  });
  known.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : (a.report.atMs ?? nowMs) - (b.report.atMs ?? nowMs)));
  const taken = await inTransaction(deps.db, async (client) => {
    const fresh = await takeKeys(
      client,
      workspaceId,
      provider,
      known.map(({ key }) => key),
      nowMs,
    );
    let count = 0;
    for (const { id, report, key } of known) {
      if (!fresh.delete(key)) continue;
      await apply(client, deps, from, id, report);
      count++;
    }
    // What was said of no mail of ours is not said again of one: a signature may be good for any body (Mailgun).
    await takeKeys(
      client,
      workspaceId,
      provider,
      unknown.map((key) => hash("sha256", key, "hex")),
      nowMs,
    );
    await noteReport(client, workspaceId, provider, { atMs: nowMs });
    return count;
  });
  if (taken > 0) await tellSuppressions(deps);
  return { reports: reports.length, taken, repeated: known.length - taken, unknown: reports.length - known.length };
}

interface Candidate {
  id: string;
  to_key: string;
  message_id: string | null;
  provider_id: string | null;
  queue_id: string | null;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const bareId = (text: string | undefined): string | undefined => text?.trim().replace(/^<|>$/g, "") || undefined;

/** The id of the mail of each report, in the same order; undefined of those that are not known. */
async function findMails(
  db: Querier,
  workspaceId: number,
  reports: readonly ProviderReport[],
): Promise<(string | undefined)[]> {
  const given = (values: (string | undefined)[]): string[] => [
    ...new Set(values.filter((value) => value !== undefined)),
  ];
  const { rows } = await db.query<Candidate>(
    `select id, to_key, message_id, provider_id, queue_id from mail_message
      where workspace_id = $1 and (id = any($2::uuid[]) or message_id = any($3::text[]) or provider_id = any($4::text[])
        or queue_id = any($4::text[]))`,
    [
      workspaceId,
      given(reports.map(({ mailId }) => mailId)).filter((id) => uuid.test(id)),
      given(reports.map(({ messageId }) => bareId(messageId))),
      given(reports.map(({ providerId }) => providerId)),
    ],
  );
  return reports.map(
    (report) => rows.find((row) => row.id === report.mailId?.toLowerCase())?.id ?? byIds(rows, report),
  );
}

/** The server to which we gave a mail may have told the provider's id as its queue id. */
function byIds(rows: readonly Candidate[], { to, messageId, providerId }: ProviderReport): string | undefined {
  const header = bareId(messageId);
  const same = rows.filter(
    (row) =>
      (header !== undefined && row.message_id === header) ||
      (providerId !== undefined && (row.provider_id === providerId || row.queue_id === providerId)),
  );
  const recipient = to === undefined ? undefined : addressKey(to);
  if (recipient === undefined) return same.length === 1 ? same[0]?.id : undefined;
  return same.find((row) => row.to_key === recipient)?.id;
}

/** What a report does to a mail. That it is delayed, or bounced for now, is noted: its status stays. */
async function apply(
  client: PoolClient,
  deps: Pick<Deps, "clock" | "redaction">,
  from: ReportsFrom,
  id: string,
  report: ProviderReport,
): Promise<void> {
  const { workspaceId, provider, actor, origin } = from;
  const { kind, answer, providerId } = report;
  const atMs = Math.min(deps.clock(), report.atMs ?? Number.POSITIVE_INFINITY);
  if (kind === "unsubscribed") {
    const address = await addressOf(client, workspaceId, id);
    await addSuppression(client, workspaceId, { address, reason: "unsubscribed", messageId: id, atMs, actor, origin });
    return;
  }
  if (kind !== "soft" && kind !== "deferred") {
    const told = { status: kind, atMs, class: report.class, answer, provider, providerId, actor, origin };
    await reportMail(client, deps, workspaceId, id, told);
    return;
  }
  await takeMailStep(client, {
    ...{ workspaceId, id, atMs, actor, origin, class: report.class },
    happening: kind === "deferred" ? "deferred" : "reported",
    from: [mailStatusNumber("queued"), mailStatusNumber("sent")],
    note: kind === "deferred" ? undefined : "Bounced for now (soft bounce)",
    answer: answer === undefined ? undefined : cleanAnswer(deps, workspaceId, answer),
    set: [["provider = {0}", provider]],
  });
}

async function addressOf(client: PoolClient, workspaceId: number, id: string): Promise<string> {
  const { rows } = await client.query<{ to_address: string }>(
    "select to_address from mail_message where workspace_id = $1 and id = $2",
    [workspaceId, id],
  );
  return rows[0]?.to_address ?? "";
}
