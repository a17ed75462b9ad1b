import { type MailHappening, mailHappenings } from "@daybook/contract";
import type { Querier } from "../access/staff-store.ts";
import { prepared } from "../db/prepared.ts";

const HOUR_MS = 3_600_000;

/** Columns of `mail_hour`: all that were queued or reported, and of these the status that they have now. */
const counts = ["queued", "sent", "failed", "bounced", "delivered", "complained", "suppressed"] as const;
type Count = (typeof counts)[number];

/** Happenings that give a message a status which is counted. */
const countOf: Partial<Record<MailHappening, Exclude<Count, "queued">>> = {
  sent: "sent",
  failed: "failed",
  bounced: "bounced",
  delivered: "delivered",
  complained: "complained",
  suppressed: "suppressed",
};

export interface CountedHappening {
  n: number;
  happening: number;
  /** The last happening before it that gave the message its status. */
  previous: number | null;
  queued_at: Date;
  template: string | null;
  to_domain: string;
}

const countStatement = prepared(
  `insert into mail_hour (workspace_id, hour, template, domain, ${counts.join(", ")})
     select $1, * from unnest($2::timestamptz[], $3::text[], $4::text[], ${counts.map((_, at) => `$${at + 5}::int[]`).join(", ")})
   on conflict (workspace_id, hour, template, domain) do update
     set ${counts.map((name) => `${name} = mail_hour.${name} + excluded.${name}`).join(", ")}`,
);

/** Moves messages from one count to the next, in the hour in which they were queued: of a message that is delivered, `sent` loses one. */
export async function countHappenings(
  db: Querier,
  workspaceId: number,
  rows: readonly CountedHappening[],
): Promise<void> {
  const sums = new Map<string, { hour: string; template: string; domain: string; by: Record<Count, number> }>();
  for (const row of rows) {
    const now = countOf[mailHappenings[row.happening] ?? "queued"];
    const was = row.previous === null ? undefined : countOf[mailHappenings[row.previous] ?? "queued"];
    if (now === undefined && row.n > 1) continue;
    const hour = new Date(Math.floor(Number(row.queued_at) / HOUR_MS) * HOUR_MS).toISOString();
    const [template, domain] = [row.template ?? "", row.to_domain];
    const key = JSON.stringify([hour, template, domain]);
    const sum = sums.get(key) ?? { hour, template, domain, by: noCounts() };
    sums.set(key, sum);
    if (row.n === 1) sum.by.queued++;
    if (now === undefined) continue;
    sum.by[now]++;
    if (was !== undefined) sum.by[was]--;
  }
  if (sums.size === 0) return;
  // In one order everywhere, so that two of them do not wait for each other.
  const sorted = [...sums.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
  await db.query(
    countStatement([
      ...[workspaceId, sorted.map(({ hour }) => hour), sorted.map(({ template }) => template)],
      ...[sorted.map(({ domain }) => domain), ...counts.map((name) => sorted.map(({ by }) => by[name]))],
    ]),
  );
}

const noCounts = (): Record<Count, number> =>
  Object.fromEntries(counts.map((name) => [name, 0])) as Record<Count, number>;
