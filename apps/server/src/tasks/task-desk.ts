import { AppError, type NewTask, newTaskSchema, type Target, taskLimits } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import type { Logger } from "pino";
import { ZodError, type z } from "zod";
import type { Querier } from "../access/staff-store.ts";
import { storable } from "../db/storable.ts";
import { inTransaction } from "../db/transaction.ts";
import { newId } from "../record/event-id.ts";
import { timeOfId } from "../record/event-time.ts";
import type { RedactionBook } from "../record/redaction-book.ts";
import { RedactionRun } from "../record/redaction-run.ts";
import { GroupCommit } from "./group-commit.ts";
import { type QueuedJob, TaskQueue } from "./queue.ts";
import { executorNumber, type TaskRow, targetKeys } from "./task-row.ts";
import { insertTasks, readTask, type TaskDraft } from "./task-store.ts";
import { TypeBook, type TypeRule } from "./task-type.ts";
import type { Doer } from "./transition.ts";
import { UsualTimes } from "./usual-times.ts";

export interface TaskDeskDeps {
  db: Pool;
  log: Logger;
  clock: () => number;
  redaction: Pick<RedactionBook, "of">;
}

/** How far from now the time in a task's own id may lie: its tables are partitioned by it. */
const ID_PAST_MS = 24 * 3_600_000;
const ID_AHEAD_MS = 5 * 60_000;

/** Tasks made in one transaction at most. */
const GROUP_MAX = 200;

/** A task to be made, with what only Daybook itself may say. */
export type TaskOrder = NewTask & {
  parentId?: string | undefined;
  /** Daybook itself orders it: only then its type may begin with `daybook.`. */
  own?: true;
  /** Tasks of a type with a higher one are begun before those with a lower one; 0 for most. */
  priority?: number | undefined;
};

export type Ending = (client: PoolClient, rows: readonly TaskRow[]) => Promise<void>;

/** Where tasks are made: by the API, by schedules, by Daybook itself. Knows the types and has the queue. */
export class TaskDesk {
  readonly types: TypeBook;
  readonly queue: TaskQueue;
  readonly usual: UsualTimes;
  readonly #deps: TaskDeskDeps;
  readonly #endings: Ending[] = [];
  readonly #groups = new Map<number, GroupCommit<TaskDraft, TaskRow | undefined>>();

  constructor(deps: TaskDeskDeps) {
    this.#deps = deps;
    this.types = new TypeBook(deps.db);
    this.queue = new TaskQueue(deps.db, deps.log);
    this.usual = new UsualTimes(deps.db, deps.clock);
  }

  /** Makes one task. An id that is there answers with the task that has it. Throws invalid_request, invalid_payload. */
  async create(workspaceId: number, order: TaskOrder, doer: Doer = {}): Promise<{ task: TaskRow; made: boolean }> {
    const rule = await this.types.of(workspaceId, order.type);
    const draft = this.#draft(workspaceId, order, rule, doer);
    const made = await this.#groupOf(workspaceId).add(draft);
    if (made !== undefined) return { task: made, made: true };
    return { task: await readTask(this.#deps.db, workspaceId, draft.id), made: false };
  }

  /** Tasks of a workspace that are made at the same time share a transaction. */
  #groupOf(workspaceId: number): GroupCommit<TaskDraft, TaskRow | undefined> {
    const known = this.#groups.get(workspaceId);
    if (known !== undefined) return known;
    const group = new GroupCommit<TaskDraft, TaskRow | undefined>(async (drafts) => {
      // The same id twice in one statement would be a fault; the second one finds the first.
      const firsts = [...new Map(drafts.toReversed().map((draft) => [draft.id, draft])).values()];
      const rows = await inTransaction(this.#deps.db, (client) => this.#store(client, workspaceId, firsts));
      const byId = new Map(rows.map((row) => [row.id, row]));
      return drafts.map((draft) => (firsts.includes(draft) ? byId.get(draft.id) : undefined));
    }, GROUP_MAX);
    this.#groups.set(workspaceId, group);
    return group;
  }

  /** Makes tasks within the caller's transaction, and queues those that Daybook runs; those that were there already are left out. */
  async createAll(
    client: Querier,
    workspaceId: number,
    orders: readonly TaskOrder[],
    doer: Doer = {},
  ): Promise<TaskRow[]> {
    const rules = await this.types.all(workspaceId);
    return this.#store(
      client,
      workspaceId,
      orders.map((order) => this.#draft(workspaceId, order, rules.get(order.type), doer)),
    );
  }

  async #store(client: Querier, workspaceId: number, drafts: readonly TaskDraft[]): Promise<TaskRow[]> {
    const rules = await this.types.all(workspaceId);
    const made = await insertTasks(client, workspaceId, drafts);
    await this.queue.enqueue(
      client,
      made.flatMap((row) => jobOf(row, rules.get(row.type))),
    );
    return made;
  }

  /** A value without the secrets in it, and without what PostgreSQL cannot hold: as it may be stored. */
  clean(workspaceId: number, value: unknown): unknown {
    if (value === undefined || value === null) return value ?? null;
    return storable(new RedactionRun(this.#deps.redaction.of(workspaceId), []).part("details", value));
  }

  /** Has `ending` called, in the transaction that ends it, for every task that comes to its end. */
  whenEnded(ending: Ending): void {
    this.#endings.push(ending);
  }

  /** These tasks have come to their end: completed, failed for good, or cancelled. */
  async ended(client: PoolClient, rows: readonly TaskRow[]): Promise<void> {
    for (const ending of this.#endings) await ending(client, rows);
  }

  close(): Promise<void> {
    return this.queue.close();
  }

  #draft(workspaceId: number, order: TaskOrder, rule: TypeRule | undefined, doer: Doer): TaskDraft {
    const now = this.#deps.clock();
    const given = givenOf(order);
    if (given.type.startsWith("daybook.") && order.own !== true)
      throw new AppError("invalid_request", "Types that begin with daybook. are Daybook's own.");
    const id = given.id?.toLowerCase() ?? newId(now);
    checkTime(id, now);
    const executor = rule?.executor ?? "reported";
    if (executor !== "reported" && given.status !== undefined)
      throw new AppError("invalid_request", `Daybook runs tasks of the type ${given.type}: their status is not given.`);
    checkPayload(given.payload, rule);
    const payload = this.clean(workspaceId, given.payload);
    const run = new RedactionRun(this.#deps.redaction.of(workspaceId), []);
    const plain = (text: string | undefined): string | undefined =>
      text === undefined ? undefined : (run.part("text", text) as string);
    const targets = run.part("targets", given.targets ?? []) as Target[];
    // What stands for a secret may be longer than the secret.
    const title = (plain(given.title ?? titleOf(given.type, targets[0], rule)) ?? "").slice(
      0,
      taskLimits.titleLengthMax,
    );
    const [node, userName] = [plain(given.node), plain(given.user?.name)];
    const running = given.status === "running";
    const at = new Date(now).toISOString();
    return {
      id,
      type: given.type,
      title,
      status: running ? 1 : 0,
      executor: executorNumber(executor),
      attempts_max: executor === "reported" || rule?.idempotent !== true ? 1 : rule.retries + 1,
      retryable: rule?.idempotent ?? false,
      job_id: executor === "reported" ? null : newId(now),
      queued_at: at,
      run_at: given.runAt === undefined ? null : new Date(given.runAt).toISOString(),
      started_at: running ? at : null,
      node: node ?? null,
      user_id: given.user?.id ?? null,
      user_name: userName ?? null,
      project: given.project ?? null,
      schedule_name: given.scheduleName ?? null,
      parent_id: order.parentId ?? null,
      priority: order.priority ?? 0,
      targets,
      target_keys: targetKeys(targets),
      payload,
      body: bodyOf([title, given.type, node, given.user?.id, userName, given.scheduleName, targets, payload]),
      event_id: newId(now),
      started_event_id: running ? newId(now + 1) : null,
      actor: given.actor ?? doer.actor ?? null,
      origin: doer.origin ?? null,
    };
  }
}

/** The job of an attempt that Daybook runs; none of a reported task. */
export function jobOf(row: TaskRow, rule: TypeRule | undefined): QueuedJob[] {
  if (row.job_id === null) return [];
  return [
    {
      jobId: row.job_id,
      type: row.type,
      workspaceId: row.workspace_id,
      taskId: row.id,
      attempt: row.attempt,
      timeoutSeconds: rule?.timeoutSeconds ?? taskLimits.timeoutSecondsDefault,
      ...(row.priority === 0 ? {} : { priority: row.priority }),
      ...(row.run_at === null ? {} : { runAt: row.run_at }),
    },
  ];
}

/** What a search for words looks into: the texts, and the strings of what was given. */
export function bodyOf(parts: readonly unknown[]): string {
  return parts
    .filter((part) => part !== undefined && part !== null)
    .map((part) => (typeof part === "string" ? part : JSON.stringify(part)))
    .join(" ")
    .slice(0, taskLimits.payloadBytesMax);
}

/** The order as the contract has it. What schedules order was checked when they were set, perhaps by other rules than today's. */
function givenOf({ parentId: _, own: __, priority: ___, ...order }: TaskOrder): z.output<typeof newTaskSchema> {
  const read = newTaskSchema.safeParse(order);
  if (read.success) return read.data;
  const errors = read.error.issues.map((issue) => ({
    pointer: `/${issue.path.join("/")}`,
    code: issue.code ?? "invalid",
    message: issue.message,
  }));
  throw new AppError("invalid_request", `${errors[0]?.pointer}: ${errors[0]?.message}`, { errors });
}

function titleOf(type: string, target: Target | undefined, rule: TypeRule | undefined): string {
  const what = rule?.title ?? type;
  return target === undefined ? what : `${what}: ${target.name ?? target.id}`.slice(0, taskLimits.titleLengthMax);
}

function checkTime(id: string, now: number): void {
  const ms = timeOfId(id);
  if (ms !== null && ms > now - ID_PAST_MS && ms < now + ID_AHEAD_MS) return;
  throw new AppError("invalid_request", "The time in the task's id must be that of its making: within the last day.", {
    errors: [{ pointer: "/id", code: "out_of_range", message: "must be a UUIDv7 made now" }],
  });
}

function checkPayload(payload: unknown, rule: TypeRule | undefined): void {
  const bytes = payload === undefined ? 0 : Buffer.byteLength(JSON.stringify(payload));
  if (bytes > taskLimits.payloadBytesMax)
    throw new AppError(
      "invalid_payload",
      `The payload is ${bytes} bytes; at most ${taskLimits.payloadBytesMax} (payloadBytesMax).`,
    );
  if (rule?.definition === undefined) return;
  try {
    rule.definition.check(payload);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const faults = error.issues.map((issue) => ({
      pointer: `/payload/${issue.path.join("/")}`.replace(/\/$/, ""),
      code: issue.code ?? "invalid",
      message: issue.message,
    }));
    const first = faults[0];
    throw new AppError("invalid_payload", `${first?.pointer}: ${first?.message}`, { errors: faults });
  }
}
