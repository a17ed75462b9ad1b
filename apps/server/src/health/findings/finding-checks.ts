import type { Finding } from "@daybook/contract";
import type { Db } from "../../db/pool.ts";
import { UsualTimes } from "../../tasks/usual-times.ts";
import { type CheckResult, failed, ok, warning } from "../check.ts";
import type { Facts } from "./facts.ts";
import { readFindings } from "./findings.ts";

/** The findings of every workspace as checks of `daybook doctor`: the same as over the API. What is critical has failed. */
export async function checkFindings(db: Db, role: Facts["role"]): Promise<CheckResult[]> {
  try {
    return await readChecks(db, role);
  } catch (error) {
    const mend = "Mend what the checks before it say; then it can be told.";
    return [{ name: "tasks, schedules, mail", ...failed((error as Error).message, mend) }];
  }
}

async function readChecks(db: Db, role: Facts["role"]): Promise<CheckResult[]> {
  const tables = await db.query<{ there: boolean }>("select to_regclass('schedule') is not null as there");
  if (tables.rows[0]?.there !== true) return [];
  const deps = { db, clock: Date.now, usual: new UsualTimes(db, Date.now), role };
  const { rows } = await db.query<{ id: number; slug: string; demo: boolean }>(
    "select id, slug, settings ? 'demo' as demo from workspace order by id",
  );
  const results: CheckResult[] = [];
  for (const { id, slug, demo } of rows)
    for (const finding of await readFindings(deps, id))
      if (!isKnownClock(finding, results)) results.push(checkOf(slug, demo, finding));
  if (results.length > 0) return results;
  return [
    {
      name: "tasks, schedules, mail",
      ...ok(`nothing wrong in ${rows.length === 1 ? "the workspace" : `${rows.length} workspaces`}`),
    },
  ];
}

/** This machine's clock has a check of its own, and those of workers are the same in every workspace. */
function isKnownClock({ code, about }: Finding, results: readonly CheckResult[]): boolean {
  return (
    code === "clock_skew" && (about === "server" || results.some((each) => each.name === code && each.about === about))
  );
}

/** The invented company of `daybook demo` has its faults on purpose: nothing has failed for them. */
function checkOf(
  workspace: string,
  demo: boolean,
  { code, about, severity, title, found, mend, command }: Finding,
): CheckResult {
  const state = severity === "critical" && !demo ? failed : warning;
  return {
    name: code,
    workspace,
    ...(about === undefined ? {} : { about }),
    ...state(`${title}. ${found}`, mend),
    ...(command === undefined ? {} : { command }),
  };
}
