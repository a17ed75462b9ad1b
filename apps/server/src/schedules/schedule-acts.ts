import { AppError, type Change, type Json, type ScheduleSettings, taskLimits } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { Access } from "../access/access.ts";
import { accessEvent, type RequestOrigin } from "../access/access-events.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { canonicalJson } from "../record/canonical-json.ts";
import { newId } from "../record/event-id.ts";
import { giveUpRuns } from "./give-up.ts";
import { insertRuns } from "./run-store.ts";
import { type KeptSettings, kindOf, runState, type ScheduleRow } from "./schedule-row.ts";
import { checkRoom, deleteSchedule, lockSchedule, putSchedule, scheduleColumns, tell } from "./schedule-store.ts";
import { checkRule, nextTime } from "./schedule-times.ts";
import { orderOf } from "./tick.ts";

export type ScheduleDeps = Pick<Deps, "db" | "clock" | "tasks" | "record">;

/** Somebody who changes schedules. */
export interface ScheduleKeeper {
  access: Access;
  origin: RequestOrigin;
}

/** Names that are paths of their own. */
const takenNames = ["upcoming", "preview"];

/** Sets a schedule, new or changed; old and new are recorded. Throws `invalid_schedule`, `schedule_read_only`, `conflict`. */
export async function setSchedule(
  deps: ScheduleDeps,
  keeper: ScheduleKeeper,
  name: string,
  wanted: ScheduleSettings,
): Promise<{ created: boolean }> {
  const { workspaceId } = keeper.access;
  checkRule(wanted);
  if (takenNames.includes(name)) throw new AppError("invalid_schedule", `"${name}" cannot be a schedule's name.`);
  if (wanted.task?.type.startsWith("daybook.") === true)
    throw new AppError("invalid_schedule", "Types that begin with daybook. are Daybook's own.");
  const { paused, ...given } = wanted;
  const settings = cleaned(deps, workspaceId, given);
  const before = await inTransaction(deps.db, async (client) => {
    const found = await findLocked(client, workspaceId, name);
    if (found === undefined) await checkRoom(client, workspaceId);
    else checkOwn(found);
    const kind = settings.task === undefined ? "monitored" : "task";
    if (found !== undefined && kindOf(found) !== kind) await giveUpRuns(client, found, otherKind, deps.clock());
    const dueMs = dueAfterChange(found, settings, deps.clock());
    const put = { workspaceId, name, kind, source: "api", settings, paused } as const;
    await putSchedule(client, put, dueMs, deps.clock());
    return found;
  });
  const changes =
    before === undefined ? [] : changesOf({ ...before.settings, paused: before.paused }, { ...settings, paused });
  if (before === undefined) await record(deps, keeper, "schedule.created", name, { details: shown({ ...settings }) });
  else if (changes.length > 0) await record(deps, keeper, "schedule.updated", name, { changes });
  return { created: before === undefined };
}

/** Why runs of a schedule are given up that was monitored and is run by Daybook now, or the other way round. */
export const otherKind = "the schedule runs something else now";

/** The time that is due next: as long as the times are the same, those that were not considered yet stay due. */
export function dueAfterChange(
  before: ScheduleRow | undefined,
  settings: KeptSettings,
  nowMs: number,
): number | undefined {
  const same = before?.settings.cron === settings.cron && before.settings.timeZone === settings.timeZone;
  return same && before?.next_run_at ? before.next_run_at.getTime() : nextTime(settings, nowMs);
}

/** Pauses or resumes a schedule. Times that pass meanwhile are not made up for. Throws `not_found`, `schedule_read_only`. */
export async function pauseSchedule(
  deps: ScheduleDeps,
  keeper: ScheduleKeeper,
  name: string,
  paused: boolean,
): Promise<void> {
  const { workspaceId } = keeper.access;
  const changed = await inTransaction(deps.db, async (client) => {
    const found = await lockSchedule(client, workspaceId, name);
    checkOwn(found);
    if (found.paused === paused) return false;
    const { settings } = found;
    const put = { workspaceId, name, kind: kindOf(found), source: found.source, settings, paused };
    await putSchedule(client, put, nextTime(settings, deps.clock()), deps.clock());
    return true;
  });
  if (changed) await record(deps, keeper, paused ? "schedule.paused" : "schedule.resumed", name);
}

/** Deletes a schedule; its runs stay. Throws `not_found`, `schedule_read_only`. */
export async function removeSchedule(deps: ScheduleDeps, keeper: ScheduleKeeper, name: string): Promise<void> {
  const { workspaceId } = keeper.access;
  await inTransaction(deps.db, async (client) => {
    const found = await lockSchedule(client, workspaceId, name);
    checkOwn(found);
    await deleteSchedule(client, found, deps.clock());
  });
  await record(deps, keeper, "schedule.deleted", name);
}

/**
 * Runs a schedule now; its times stay as they are. While a run is under way, the overlap policy holds. Returns the id of the run. Throws
 * `not_found`, and `conflict` for a schedule that runs elsewhere or still runs.
 */
export async function requestRun(deps: ScheduleDeps, keeper: ScheduleKeeper, name: string): Promise<string> {
  const { access, origin } = keeper;
  const nowMs = deps.clock();
  const run = { id: newId(nowMs), taskId: newId(nowMs) };
  const waits = await inTransaction(deps.db, async (client) => {
    const schedule = await lockSchedule(client, access.workspaceId, name);
    const waiting = await mustWait(client, schedule);
    const base = {
      workspace_id: access.workspaceId,
      id: run.id,
      name,
      due_at: null,
      created_at: new Date(nowMs).toISOString(),
    };
    const reason = `Asked for by ${access.name}.`;
    await insertRuns(client, [
      { ...base, reason, state: runState(waiting ? "waiting" : "running"), task_id: waiting ? null : run.taskId },
    ]);
    const { actor, origin: from } = accessEvent(access, origin, { action: "schedule.run.requested" });
    if (!waiting)
      await deps.tasks.createAll(client, access.workspaceId, [orderOf(schedule, run.taskId)], { actor, origin: from });
    await tell(client);
    return waiting;
  });
  await record(deps, keeper, "schedule.run.requested", name, {
    details: { runId: run.id, ...(waits ? {} : { taskId: run.taskId }) },
  });
  return run.id;
}

/** Whether a run that is asked for now has to wait. House-keeping always does: for the server that does it. */
async function mustWait(client: PoolClient, schedule: ScheduleRow): Promise<boolean> {
  const kind = kindOf(schedule);
  if (kind === "monitored")
    throw new AppError("conflict", `${schedule.name} runs elsewhere and only checks in here. Start it where it runs.`);
  const { rows } = await client.query<{ open: number }>(
    "select count(*)::int as open from schedule_run where workspace_id = $1 and name = $2 and state < 2",
    [schedule.workspace_id, schedule.name],
  );
  const busy = (rows[0]?.open ?? 0) > 0;
  if (busy && (kind === "builtin" || schedule.settings.overlap === "skip"))
    throw new AppError("conflict", `${schedule.name} is still running, and its runs do not overlap (overlap: skip).`);
  return kind === "builtin" || (busy && schedule.settings.overlap === "queue");
}

async function findLocked(client: PoolClient, workspaceId: number, name: string): Promise<ScheduleRow | undefined> {
  const { rows } = await client.query<ScheduleRow>(
    `select ${scheduleColumns} from schedule where workspace_id = $1 and name = $2 for update`,
    [workspaceId, name],
  );
  return rows[0];
}

function checkOwn({ name, source }: ScheduleRow): void {
  if (source === "api") return;
  const where = source === "config" ? "in daybook.config.json: change it there and restart" : "by Daybook itself";
  throw new AppError("schedule_read_only", `${name} is defined ${where}.`, { extra: { source } });
}

/** The settings as they may be stored: without secrets in what is said and in what the task gets. */
export function cleaned(deps: Pick<ScheduleDeps, "tasks">, workspaceId: number, settings: KeptSettings): KeptSettings {
  const { description, task } = settings;
  const clean = <T extends Json>(value: T): T => deps.tasks.clean(workspaceId, value) as T;
  return {
    ...settings,
    ...(description === undefined ? {} : { description: clean(description) }),
    ...(task === undefined
      ? {}
      : {
          task: {
            ...task,
            ...(task.title === undefined ? {} : { title: clean(task.title).slice(0, taskLimits.titleLengthMax) }),
            ...(task.payload === undefined ? {} : { payload: clean(task.payload) }),
          },
        }),
  };
}

function changesOf(before: object, after: object): Change[] {
  const [old, now] = [before as Record<string, Json | undefined>, after as Record<string, Json | undefined>];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((field): Change[] =>
    canonicalJson(old[field]) === canonicalJson(now[field])
      ? []
      : [{ field, old: old[field] ?? null, new: now[field] ?? null }],
  );
}

function shown(settings: object): Record<string, Json> {
  return JSON.parse(JSON.stringify(settings)) as Record<string, Json>;
}

async function record(
  deps: ScheduleDeps,
  { access, origin }: ScheduleKeeper,
  action: string,
  name: string,
  more: { changes?: Change[]; details?: Record<string, Json> } = {},
): Promise<void> {
  const event = accessEvent(access, origin, { action, targets: [{ type: "schedule", id: name, name }], ...more });
  await deps.record.write(access.workspaceId, [event]);
}
