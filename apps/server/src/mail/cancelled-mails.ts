import type { PoolClient } from "pg";
import { statusOf, type TaskRow } from "../tasks/task-row.ts";
import { deliveryType } from "./accept-mails.ts";
import type { MailDeps } from "./mail-desk.ts";
import { mailStatusNumber } from "./mail-row.ts";
import { takeMailStep } from "./mail-step.ts";
import { dropFromOutbox } from "./outbox.ts";

/**
 * Lets mails end with the tasks that deliver them, in the transaction in which these end: one that was cancelled is not sent, and one whose task
 * failed for good with the mail still waiting (its worker was lost again and again) is given up. Whatever was settled stays as it is.
 */
export function endCancelled(
  deps: Pick<MailDeps, "clock">,
): (client: PoolClient, tasks: readonly TaskRow[]) => Promise<void> {
  return async (client, tasks) => {
    for (const task of tasks) {
      const status = statusOf(task);
      if (task.type !== deliveryType || (status !== "cancelled" && status !== "failed")) continue;
      const id = (task.payload as { messageId?: string } | null)?.messageId;
      if (id === undefined) continue;
      const atMs = deps.clock();
      const mailClass = status === "cancelled" ? ("cancelled" as const) : ("expired" as const);
      const moved = await takeMailStep(client, {
        ...{
          workspaceId: task.workspace_id,
          id,
          happening: "failed",
          from: [mailStatusNumber("queued")],
          atMs,
          class: mailClass,
        },
        set: [
          ["status = {0}", mailStatusNumber("failed")],
          ["class = {0}", mailClass],
          ["settled_at = {0}", new Date(atMs).toISOString()],
          ["next_try_at = null"],
        ],
      });
      if (moved !== undefined) await dropFromOutbox(client, task.workspace_id, [id]);
    }
  };
}
