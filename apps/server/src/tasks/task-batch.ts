import { AppError, taskFilterSchema, taskLimits } from "@daybook/contract";
import { z } from "zod";
import { defineTask, type TaskDefinition } from "./define-task.ts";
import { type ActDeps, cancelTask, retryTask } from "./task-acts.ts";
import { listTasks } from "./task-list.ts";
import type { Doer } from "./transition.ts";

/** The type of tasks that retry or cancel others. */
export const batchType = "daybook.task-batch";
const PAGE = 200;
/** Reasons are told line by line for so many. */
const TOLD_MAX = 1_000;

const payloadSchema = z.object({
  act: z.enum(["retry", "cancel"]),
  filter: taskFilterSchema,
  doer: z.object({ actor: z.unknown(), origin: z.unknown() }).partial().optional(),
});

/** Retries or cancels what a filter finds, a page at a time, from the newest on. Whatever refuses is left out and told. */
export function batchTask(deps: ActDeps): TaskDefinition {
  return defineTask(
    batchType,
    payloadSchema,
    async ({ act, filter, doer }, { task: own, signal, progress, line, err }) => {
      const { workspaceId } = own;
      const status = act === "retry" ? "failed" : "pending";
      const asked = filter.status?.split(",").map((each) => each.trim());
      // Whoever looks at other tasks than these means none of them.
      if (asked !== undefined && !asked.includes(status)) {
        line(
          `The filter asks for ${filter.status}; only tasks that are ${status} can be ${act === "retry" ? "tried again" : "cancelled"}.`,
        );
        return { found: 0, done: 0, refused: 0 };
      }
      const from = { ...filter, status };
      const usual = await deps.tasks.usual.of(workspaceId);
      const ids: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await listTasks(deps.db, workspaceId, {
          filter: from,
          limit: PAGE,
          cursor,
          usual,
          nowMs: deps.clock(),
        });
        ids.push(...page.rows.map((row) => row.id).filter((id) => id !== own.id));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined && ids.length < taskLimits.bulkTasksMax && !signal.aborted);
      line(`${ids.length} tasks are ${from.status}.`);
      let done = 0;
      let refused = 0;
      const run = act === "retry" ? retryTask : cancelTask;
      for (const [index, id] of ids.entries()) {
        if (signal.aborted) throw signal.reason;
        try {
          await run(deps, { workspaceId, id, doer: (doer ?? {}) as Doer });
          done++;
        } catch (error) {
          if (!(error instanceof AppError)) throw error;
          refused++;
          if (refused <= TOLD_MAX) err(`${id}: ${error.message}`);
        }
        if (index % 20 === 0) progress(((index + 1) / ids.length) * 100);
      }
      line(`${done} done, ${refused} left out.`);
      return { found: ids.length, done, refused };
    },
    // It may begin anew: what is done already no longer has the status that it looks for.
    { title: "Retry or cancel many tasks", idempotent: true, retries: 2, timeoutSeconds: 6 * 3600, concurrency: 2 },
  );
}
