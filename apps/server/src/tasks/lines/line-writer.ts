import { AppError, type StoredLines } from "@daybook/contract";
import type { Pool } from "pg";
import type { Querier } from "../../access/staff-store.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import { countRedactions } from "./count-redactions.ts";
import { cleanBatch, type GivenLines, type LineBatch } from "./line-batch.ts";
import { endsInKey, storeBatches } from "./line-store.ts";
import { mayContinueKey } from "./line-text.ts";

export type LineDeps = Pick<Deps, "redaction" | "clock">;

/** Batches of one task that wait for the transaction of those before them share the next one, up to so many. */
const GROUP_BATCHES_MAX = 500;

/**
 * Stores lines of a task in the caller's transaction. The lines are numbered after those there are. Throws not_found, task_finished (ten minutes after its end), lines_out_of_order.
 */
export async function appendLines(
  client: Querier,
  deps: LineDeps,
  task: { workspaceId: number; id: string },
  given: GivenLines,
): Promise<StoredLines> {
  const { batch, counts } = await clean(client, deps, task, given);
  const [answer] = await storeBatches(client, task.workspaceId, task.id, [batch], deps.clock());
  if (answer === undefined || answer instanceof AppError) throw answer ?? new Error("a batch has no answer");
  await countRedactions(client, task.workspaceId, counts);
  return answer;
}

async function clean(
  db: Querier,
  deps: LineDeps,
  { workspaceId, id }: { workspaceId: number; id: string },
  given: GivenLines,
): Promise<{ batch: LineBatch; counts: ReadonlyMap<string, number> }> {
  const rules = deps.redaction.of(workspaceId);
  const [first] = given.lines;
  const inKey = first !== undefined && mayContinueKey(first.text) && (await endsInKey(db, workspaceId, id));
  return cleanBatch(given, { rules, inKey, nowMs: deps.clock() });
}

interface Waiting {
  batch: LineBatch;
  counts: ReadonlyMap<string, number>;
  resolve(answer: StoredLines): void;
  reject(error: unknown): void;
}

/**
 * Stores lines that requests bring. A task's batches are stored one transaction after the other, and those that come meanwhile share
 * the next: a task that writes a line a request holds one connection of the pool, not all of them.
 */
export class LineWriter {
  readonly #db: Pool;
  readonly #deps: LineDeps;
  /** By workspace and task; there while a transaction is under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(deps: LineDeps & Pick<Deps, "db">) {
    this.#db = deps.db;
    this.#deps = deps;
  }

  /** Resolves when the lines are on disk. Throws as `appendLines`. */
  async append(workspaceId: number, taskId: string, given: GivenLines): Promise<StoredLines> {
    const { batch, counts } = await clean(this.#db, this.#deps, { workspaceId, id: taskId }, given);
    return new Promise((resolve, reject) => {
      const key = `${workspaceId} ${taskId}`;
      const item = { batch, counts, resolve, reject };
      const queue = this.#waiting.get(key);
      if (queue !== undefined) {
        queue.push(item);
        return;
      }
      const fresh = [item];
      this.#waiting.set(key, fresh);
      void this.#drain(key, workspaceId, taskId, fresh);
    });
  }

  async #drain(key: string, workspaceId: number, taskId: string, queue: Waiting[]): Promise<void> {
    while (queue.length > 0) {
      const group = queue.splice(0, GROUP_BATCHES_MAX);
      try {
        const answers = await this.#store(workspaceId, taskId, group);
        for (const [index, item] of group.entries()) {
          const answer = answers[index];
          if (answer instanceof AppError) item.reject(answer);
          else if (answer !== undefined) item.resolve(answer);
        }
      } catch (error) {
        for (const item of group) item.reject(error);
      }
    }
    this.#waiting.delete(key);
  }

  #store(workspaceId: number, taskId: string, group: readonly Waiting[]): Promise<(StoredLines | AppError)[]> {
    const batches = group.map(({ batch }) => batch);
    return inTransaction(this.#db, async (client) => {
      const answers = await storeBatches(client, workspaceId, taskId, batches, this.#deps.clock());
      const counts = new Map<string, number>();
      for (const [index, item] of group.entries()) {
        if (answers[index] instanceof AppError) continue;
        for (const [rule, count] of item.counts) counts.set(rule, (counts.get(rule) ?? 0) + count);
      }
      await countRedactions(client, workspaceId, counts);
      return answers;
    });
  }
}
