import { type Actor, type EventInput, type TaskError, type TaskHappening, taskHappenings } from "@daybook/contract";
import type { PoolClient } from "pg";
import { prepared } from "../db/prepared.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { addSteps, stepOf } from "./durations.ts";
import { LEAST_ID } from "./spans.ts";
import { tellEvents } from "./tell-events.ts";
import { Telling } from "./telling.ts";

/** Happenings told in one round. */
const ROUND_MAX = 500;
const LOCK = "daybook.teller";

interface UntoldRow {
  workspace_id: number;
  task_id: string;
  n: number;
  happening: number;
  attempt: number;
  at: Date;
  event_id: string;
  actor: Actor | null;
  origin: EventInput["origin"] | null;
  worker: string | null;
  note: string | null;
  error: TaskError | null;
  duration_ms: number | null;
  type: string;
  title: string;
  targets: NonNullable<EventInput["targets"]>;
  node: string | null;
  user_id: string | null;
  project: string | null;
  schedule_name: string | null;
}

/** Happenings that end an attempt, with the count that they add to. */
const ends: Partial<Record<TaskHappening, "finished" | "failed" | "cancelled">> = {
  completed: "finished",
  failed: "failed",
  timed_out: "failed",
  lost: "failed",
  cancelled: "cancelled",
};

/**
 * Tells the log what happened to tasks. The step of a task and its happening are one transaction; the event follows within moments, under an
 * id that was chosen with the happening: told twice, after a crash in between, it is stored once.
 *  1. Read the oldest happenings that are not told, under a lock that one teller of all servers holds.
 *  2. Write their events.
 *  3. Add them to the counts and mark them as told, in one transaction.
 */
export function taskTeller(deps: Deps): Telling {
  const round = async (firstId: string): Promise<boolean> => (await tellRound(deps, firstId)) === ROUND_MAX;
  return new Telling(deps, { channel: "daybook_task", what: "tasks", round });
}

const untoldStatement = prepared(
  `select happening.workspace_id, happening.task_id, happening.n, happening.happening, happening.attempt, happening.at, happening.event_id,
          happening.actor, happening.origin, happening.worker, happening.note, happening.error, happening.duration_ms,
          task.type, task.title, task.targets, task.node, task.user_id, task.project, task.schedule_name
     from (select * from task_happening where not told and event_id >= $2 order by event_id limit $1) as happening
     join task on task.workspace_id = happening.workspace_id and task.id = happening.task_id
    order by happening.event_id`,
);

const toldStatement = prepared(
  `update task_happening as happening set told = true
     from unnest($1::int[], $2::uuid[], $3::int[]) as given(workspace_id, task_id, n)
    where happening.workspace_id = given.workspace_id and happening.task_id = given.task_id and happening.n = given.n`,
);

/** Tells at most one round of what is not told yet, of ids from `firstId` on; how many it was. */
export async function tellRound(deps: Deps, firstId = LEAST_ID): Promise<number> {
  return inTransaction(deps.db, async (client) => {
    const lock = await client.query<{ mine: boolean }>("select pg_try_advisory_xact_lock(hashtext($1)) as mine", [
      LOCK,
    ]);
    if (lock.rows[0]?.mine !== true) return 0;
    const { rows } = await client.query<UntoldRow>(untoldStatement([ROUND_MAX, firstId]));
    const quiet = new Set(deps.tasks.types.definitions().flatMap((each) => (each.quiet === true ? [each.type] : [])));
    for (const [workspaceId, told] of Map.groupBy(rows, (row) => row.workspace_id)) {
      const events = told.filter((row) => !quiet.has(row.type)).map(eventOf);
      if (events.length > 0) await tellEvents(deps, workspaceId, events);
      await count(client, workspaceId, told);
    }
    await client.query(
      toldStatement([rows.map((row) => row.workspace_id), rows.map((row) => row.task_id), rows.map((row) => row.n)]),
    );
    return rows.length;
  });
}

function eventOf(row: UntoldRow): EventInput {
  const happening = taskHappenings[row.happening] ?? "created";
  const failed = happening === "failed" || happening === "lost" || happening === "timed_out";
  const worker = row.worker ?? undefined;
  const targets = [
    { type: "task", id: row.task_id, name: row.title, ...(row.user_id === null ? {} : { ownerId: row.user_id }) },
    ...row.targets,
    ...(row.node === null || row.targets.some((target) => target.type === "node" && target.id === row.node)
      ? []
      : [{ type: "node", id: row.node }]),
  ].slice(0, 20);
  return {
    id: row.event_id,
    occurredAt: row.at.toISOString(),
    action: `task.${happening}`,
    actor: row.actor ?? {
      type: "system",
      ...(worker === undefined ? { name: "Daybook" } : { id: worker, name: worker }),
    },
    targets,
    ...(row.project === null ? {} : { project: row.project }),
    origin: row.origin ?? { ip: null },
    outcome: failed ? "failure" : "success",
    ...(row.error?.code === undefined ? {} : { reason: row.error.code }),
    details: {
      taskId: row.task_id,
      type: row.type,
      attempt: row.attempt,
      ...(row.duration_ms === null ? {} : { durationMs: row.duration_ms }),
      ...(row.schedule_name === null ? {} : { schedule: row.schedule_name }),
      ...(row.error === null ? {} : { error: row.error.message }),
      ...(row.note === null ? {} : { note: row.note }),
    },
  };
}

interface HourCount {
  finished: number;
  failed: number;
  cancelled: number;
  busyMs: number;
  steps: number[];
}

/** Adds attempts that ended to the counts of their hour and type. */
async function count(client: PoolClient, workspaceId: number, rows: readonly UntoldRow[]): Promise<void> {
  const hours = new Map<string, HourCount>();
  for (const row of rows) {
    const end = ends[taskHappenings[row.happening] ?? "created"];
    if (end === undefined) continue;
    const hour = new Date(Math.floor(Number(row.at) / 3_600_000) * 3_600_000).toISOString();
    const key = `${hour} ${row.type}`;
    const counted = hours.get(key) ?? { finished: 0, failed: 0, cancelled: 0, busyMs: 0, steps: [] };
    hours.set(key, counted);
    counted[end]++;
    if (row.duration_ms === null) continue;
    counted.busyMs += row.duration_ms;
    // How long a task usually takes is told by those that came through: a failure may come at any moment.
    if (end !== "finished") continue;
    const step = stepOf(row.duration_ms);
    while (counted.steps.length <= step) counted.steps.push(0);
    counted.steps[step] = (counted.steps[step] ?? 0) + 1;
  }
  for (const [key, counted] of [...hours].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [hour, type] = [key.slice(0, 24), key.slice(25)];
    const before = await client.query<{ durations: number[] }>(
      "select durations from task_hour where workspace_id = $1 and type = $2 and hour = $3 for update",
      [workspaceId, type, hour],
    );
    await client.query(
      `insert into task_hour (workspace_id, type, hour, finished, failed, cancelled, busy_ms, durations)
         values ($1, $2, $3, $4, $5, $6, $7, $8)
       on conflict (workspace_id, type, hour) do update set finished = task_hour.finished + excluded.finished,
         failed = task_hour.failed + excluded.failed, cancelled = task_hour.cancelled + excluded.cancelled,
         busy_ms = task_hour.busy_ms + excluded.busy_ms, durations = excluded.durations`,
      [
        ...[workspaceId, type, hour, counted.finished, counted.failed, counted.cancelled, counted.busyMs],
        addSteps(before.rows[0]?.durations ?? [], counted.steps),
      ],
    );
  }
}
