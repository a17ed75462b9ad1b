import type { Deps } from "../../deps.ts";
import { listColumns, type TaskRow, toTask } from "../task-row.ts";
import type { LiveTask } from "./task-lens.ts";

export type LiveDeps = Pick<Deps, "db" | "log" | "clock"> & { tasks: Pick<Deps["tasks"], "usual"> };

/** These tasks as they are now, in the order of their ids. */
export async function readLiveTasks(deps: LiveDeps, workspaceId: number, ids: readonly string[]): Promise<LiveTask[]> {
  const { rows } = await deps.db.query<TaskRow>(
    `select ${listColumns} from task where workspace_id = $1 and id = any($2::uuid[]) order by id`,
    [workspaceId, ids],
  );
  return asLive(deps, workspaceId, rows);
}

/** The newest tasks as they are now. */
export async function readNewestTasks(deps: LiveDeps, workspaceId: number, limit: number): Promise<LiveTask[]> {
  const { rows } = await deps.db.query<TaskRow>(
    `select ${listColumns} from task where workspace_id = $1 order by id desc limit $2`,
    [workspaceId, limit],
  );
  return asLive(deps, workspaceId, rows.reverse());
}

async function asLive(deps: LiveDeps, workspaceId: number, rows: readonly TaskRow[]): Promise<LiveTask[]> {
  const usual = await deps.tasks.usual.of(workspaceId);
  return rows.map((row) => ({ row, task: toTask(row, usual.get(row.type), deps.clock()) }));
}
