import { type Finding, type Json, parseQuery } from "@daybook/contract";
import type { Deps } from "../../deps.ts";
import { readFindings } from "../../health/findings/findings.ts";
import { SearchPlan } from "../../record/search/plan.ts";
import { exactTotal } from "../../record/search/total.ts";
import { fullSight } from "../../record/sight.ts";

export type DigestDeps = Pick<Deps, "config" | "db" | "log" | "clock" | "settings" | "mail" | "tasks">;

/** A stretch of time, in milliseconds since the epoch, the end left out. */
export interface Period {
  fromMs: number;
  toMs: number;
}

/** A count of the day before the last one that is smaller says nothing in percent. */
const COMPARED_FROM = 20;
const COUNT_MS_MAX = 60_000;
const HIGHLIGHTS_MAX = 10;

/** What stands in a digest: figures of a day, each compared with the day before it, and what is wrong now. */
export async function readDigest(
  deps: DigestDeps,
  workspaceId: number,
  period: Period,
): Promise<{ figures: Json[]; findings: Finding[] }> {
  const before = { fromMs: period.fromMs - (period.toMs - period.fromMs), toMs: period.fromMs };
  const [now, then] = [await countsOf(deps, workspaceId, period), await countsOf(deps, workspaceId, before)];
  const figures = Object.entries(now).map(([label, count]) => ({
    label,
    value: count.toLocaleString("en"),
    ...changeSince(then[label as keyof typeof then], count),
  }));
  const { db, clock, config, tasks } = deps;
  const findings = await readFindings({ db, clock, usual: tasks.usual, role: config.role }, workspaceId);
  return { figures, findings: findings.slice(0, HIGHLIGHTS_MAX) };
}

async function countsOf({ db }: DigestDeps, workspaceId: number, period: Period) {
  const span = [new Date(period.fromMs), new Date(period.toMs)];
  const events = (query: string): Promise<number> =>
    exactTotal(
      db,
      new SearchPlan({ workspaceId, sight: fullSight, query: parseQuery(query), ...period }),
      COUNT_MS_MAX,
    );
  const { rows: tasks } = await db.query<{ finished: number; failed: number }>(
    `select coalesce(sum(finished), 0)::int as finished, coalesce(sum(failed), 0)::int as failed from task_hour
      where workspace_id = $1 and hour >= $2 and hour < $3`,
    [workspaceId, ...span],
  );
  const { rows: mails } = await db.query<{ gone: number; lost: number }>(
    `select coalesce(sum(sent + delivered), 0)::int as gone, coalesce(sum(failed + bounced + complained), 0)::int as lost from mail_hour
      where workspace_id = $1 and hour >= $2 and hour < $3`,
    [workspaceId, ...span],
  );
  return {
    Events: await events(""),
    "Events that failed or were denied": await events("outcome:failure,denied"),
    "Failed sign-ins": await events("action:auth.login outcome:failure,denied"),
    "Tasks completed": tasks[0]?.finished ?? 0,
    "Tasks that failed": tasks[0]?.failed ?? 0,
    "Runs of schedules that failed or were missed": await events("action:schedule.run.failed,schedule.run.missed"),
    "Mails sent": mails[0]?.gone ?? 0,
    "Mails that did not get through": mails[0]?.lost ?? 0,
  };
}

/** How a figure compares with the one before, as "+4 %" or "−18 %"; nothing where both are small. */
export function changeSince(before: number, now: number): { change?: string } {
  if (before < COMPARED_FROM) return {};
  const percent = Math.round(((now - before) / before) * 100);
  return { change: percent === 0 ? "±0 %" : `${percent > 0 ? "+" : "−"}${Math.abs(percent)} %` };
}
