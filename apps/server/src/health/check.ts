/** What one check of `daybook doctor` found. */
export interface CheckResult {
  name: string;
  state: "ok" | "warning" | "failed";
  found: string;
  /** How to mend it; given with every warning and failure. */
  mend?: string;
  /** The same as a command to copy. */
  command?: string;
  /** What it is about, where the same may be found several times. */
  workspace?: string;
  about?: string;
}

export interface Check {
  name: string;
  run(): Promise<Finding> | Finding;
}

export type Finding = Pick<CheckResult, "state" | "found" | "mend">;

export function ok(found: string): Finding {
  return { state: "ok", found };
}

export function warning(found: string, mend: string): Finding {
  return { state: "warning", found, mend };
}

export function failed(found: string, mend: string): Finding {
  return { state: "failed", found, mend };
}

/** Runs the checks one after the other. A check that throws has failed with what it threw. */
export async function runChecks(checks: Check[]): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) {
    try {
      results.push({ name: check.name, ...(await check.run()) });
    } catch (error) {
      results.push({
        name: check.name,
        ...failed((error as Error).message, "See the message; it names what to change."),
      });
    }
  }
  return results;
}
