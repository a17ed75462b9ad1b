import type { PoolClient } from "pg";
import { newId } from "../../record/event-id.ts";
import type { TaskRow } from "../task-row.ts";

/** What the panel that runs a task is asked for. */
export interface PanelQuestion {
  workspaceId: number;
  task: TaskRow;
  act: "retry" | "cancel";
  url: string;
  by: unknown;
  atMs: number;
}

/** Told with the commit of each question. */
export const callbackChannel = "daybook_callback";

/** Notes, in the caller's transaction, that the panel is to be asked; the worker's callbacks do it. */
export async function askPanel(client: PoolClient, question: PanelQuestion): Promise<void> {
  const at = new Date(question.atMs);
  await client.query(
    `insert into task_callback (id, workspace_id, task_id, act, url, next_try_at, asked_at, asked_by)
     values ($1, $2, $3, $4, $5, $6, $6, $7::jsonb)`,
    [
      ...[newId(question.atMs), question.workspaceId, question.task.id, question.act, question.url, at],
      JSON.stringify(question.by ?? null),
    ],
  );
  await client.query("select pg_notify($1, '')", [callbackChannel]);
}
