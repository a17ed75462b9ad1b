import { AppError, type EventInput } from "@daybook/contract";
import type { PoolClient } from "pg";
import { findWorkspace } from "../access/workspace-store.ts";
import { inTransaction } from "../db/transaction.ts";
import type { Deps } from "../deps.ts";
import { canonicalJson } from "../record/canonical-json.ts";
import type { ConfigSchedule } from "./config-schedules.ts";
import { giveUpRuns } from "./give-up.ts";
import { cleaned, dueAfterChange, otherKind } from "./schedule-acts.ts";
import { kindOf, type ScheduleRow } from "./schedule-row.ts";
import { deleteSchedule, putSchedule, scheduleColumns } from "./schedule-store.ts";

type SyncDeps = Pick<Deps, "config" | "db" | "clock" | "log" | "record" | "tasks">;

/**
 * Makes the schedules of the config file those of the database: new ones are added, changed ones changed, and those that are no longer in
 * the file are removed. One of the same name that was made by the API becomes the file's. What was done is on record.
 */
export async function syncConfigSchedules(deps: SyncDeps): Promise<void> {
  const wanted = new Map<number, ConfigSchedule[]>();
  for (const schedule of deps.config.schedules) {
    const id = await workspaceOf(deps, schedule);
    if (id !== undefined) wanted.set(id, [...(wanted.get(id) ?? []), schedule]);
  }
  const kept = await deps.db.query<{ workspace_id: number }>(
    "select distinct workspace_id from schedule where source = 'config'",
  );
  const workspaces = new Set([...wanted.keys(), ...kept.rows.map((row) => row.workspace_id)]);
  for (const id of workspaces) {
    const acts = await inTransaction(deps.db, (client) => syncWorkspace(deps, client, id, wanted.get(id) ?? []));
    if (acts.length > 0) await deps.record.write(id, acts);
  }
}

async function workspaceOf(deps: SyncDeps, schedule: ConfigSchedule): Promise<number | undefined> {
  try {
    return (await findWorkspace(deps.db, schedule.workspace)).id;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.error(`The schedule ${schedule.name} of the config file is left out: ${error.message}`);
    return undefined;
  }
}

async function syncWorkspace(
  deps: SyncDeps,
  client: PoolClient,
  workspaceId: number,
  wanted: readonly ConfigSchedule[],
): Promise<EventInput[]> {
  const nowMs = deps.clock();
  // Servers that start at the same time do it one after the other, and the second finds nothing to do.
  await client.query("select pg_advisory_xact_lock(hashtext('daybook.config-schedules'))");
  const { rows } = await client.query<ScheduleRow>(
    `select ${scheduleColumns} from schedule where workspace_id = $1 for update`,
    [workspaceId],
  );
  const before = new Map(rows.map((row) => [row.name, row]));
  const acts: EventInput[] = [];
  for (const schedule of wanted) {
    const found = before.get(schedule.name);
    const { name, paused, workspace: _, ...given } = schedule;
    const settings = cleaned(deps, workspaceId, given);
    if (
      found?.source === "config" &&
      canonicalJson(found.settings) === canonicalJson(settings) &&
      found.paused === paused
    )
      continue;
    const kind = settings.task === undefined ? "monitored" : "task";
    const put = { workspaceId, name, kind, source: "config", settings, paused } as const;
    if (found !== undefined && kindOf(found) !== kind) await giveUpRuns(client, found, otherKind, nowMs);
    await putSchedule(client, put, dueAfterChange(found, settings, nowMs), nowMs);
    acts.push(eventOf(found === undefined ? "schedule.created" : "schedule.updated", name));
  }
  const names = new Set(wanted.map(({ name }) => name));
  for (const row of rows) {
    if (row.source !== "config" || names.has(row.name)) continue;
    await deleteSchedule(client, row, nowMs);
    acts.push(eventOf("schedule.deleted", row.name));
  }
  return acts;
}

function eventOf(action: string, name: string): EventInput {
  return {
    action,
    actor: { type: "system", name: "Daybook" },
    origin: { ip: null },
    targets: [{ type: "schedule", id: name, name }],
    details: { source: "daybook.config.json" },
  };
}
