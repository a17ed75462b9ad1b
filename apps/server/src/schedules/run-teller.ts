import { createHash } from "node:crypto";
import type { EventInput } from "@daybook/contract";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { tellEvents } from "../tasks/tell-events.ts";
import { runState } from "./schedule-row.ts";

const ROUND_MAX = 500;
const LOCK = "daybook.run-teller";

interface UntoldRun {
  workspace_id: number;
  id: string;
  name: string;
  due_at: Date | null;
  state: number;
  reason: string | null;
  started_at: Date | null;
  finished_at: Date | null;
  duration_ms: number | null;
  exit_code: number | null;
  task_id: string | null;
  created_at: Date;
}

/**
 * Puts runs on record that failed, were missed or were lost. The run says `untold` in the transaction in which that was found; the event
 * follows, under an id made from the run, so that telling it twice stores it once.
 */
export async function tellRuns(deps: Pick<Deps, "db" | "record" | "log">): Promise<number> {
  return inTransaction(deps.db, async (client) => {
    const lock = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock(hashtext($1)) as mine", [
      LOCK,
    ]);
    if (lock.rows[0]?.mine !== true) return 0;
    const { rows } = await client.query<UntoldRun>(
      `select workspace_id, id, name, due_at, state, reason, started_at, finished_at, duration_ms, exit_code, task_id, created_at
         from schedule_run where untold order by workspace_id, id limit $1`,
      [ROUND_MAX],
    );
    for (const [workspaceId, runs] of Map.groupBy(rows, (run) => run.workspace_id))
      await tellEvents(deps, workspaceId, runs.map(eventOf));
    // One whose state has changed meanwhile is told again with the new one.
    await client.query(
      `update schedule_run as run set untold = false from unnest($1::int[], $2::uuid[], $3::int[]) as told(workspace_id, id, state)
        where run.workspace_id = told.workspace_id and run.id = told.id and run.state = told.state`,
      [rows.map((run) => run.workspace_id), rows.map((run) => run.id), rows.map((run) => run.state)],
    );
    return rows.length;
  });
}

function eventOf(run: UntoldRun): EventInput {
  const missed = run.state === runState("missed");
  const at = run.finished_at ?? run.created_at;
  return {
    id: eventId(`${run.workspace_id} ${run.id} ${run.state} ${at.getTime()}`, at.getTime()),
    occurredAt: at.toISOString(),
    action: missed ? "schedule.run.missed" : "schedule.run.failed",
    actor: { type: "system", name: "Daybook" },
    origin: { ip: null },
    targets: [{ type: "schedule", id: run.name, name: run.name }, ...taskTarget(run)],
    outcome: "failure",
    ...(run.state === runState("lost") ? { reason: "lost" } : {}),
    details: {
      runId: run.id,
      ...(run.due_at === null ? {} : { dueAt: run.due_at.toISOString() }),
      ...(run.reason === null ? {} : { error: run.reason }),
      ...(run.exit_code === null ? {} : { exitCode: run.exit_code }),
      ...(run.duration_ms === null ? {} : { durationMs: run.duration_ms }),
      ...(run.task_id === null ? {} : { taskId: run.task_id }),
    },
  };
}

function taskTarget(run: UntoldRun): { type: string; id: string }[] {
  return run.task_id === null ? [] : [{ type: "task", id: run.task_id }];
}

/** A UUIDv7 of a moment whose other bits come from a text: the same text and moment, the same id. */
function eventId(text: string, atMs: number): string {
  const random = createHash("sha256").update(text).digest("hex");
  const time = atMs.toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
