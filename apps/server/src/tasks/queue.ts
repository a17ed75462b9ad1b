import { taskLimits } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { type Db as BossDb, type ConstructorOptions, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import type { Querier } from "../access/staff-store.ts";
import { listen } from "../db/listen.ts";
import { prepared } from "../db/prepared.ts";
import { queueSchema } from "../db/queue-schema.ts";

/** A job of the queue is kept for so long after its end; the task is the record. */
const KEPT_SECONDS = 60;
const PENDING_KEPT_SECONDS = 90 * 24 * 3600;
/**
 * A job that was claimed and not begun (its worker died in between) is given out again. It never makes a task run twice: only a pending
 * task is begun, and only in the attempt that the job names.
 */
const CLAIMS_MAX = 1_000;

/** What a job of the queue says: which attempt of which task is to be run. */
export interface QueuedAttempt {
  workspaceId: number;
  taskId: string;
  attempt: number;
}

/** A job that this process has taken. */
export type ClaimedJob = QueuedAttempt & { jobId: string };

export interface QueuedJob extends QueuedAttempt {
  /** Of the job, a UUID. */
  jobId: string;
  type: string;
  runAt?: Date | undefined;
  /** The highest is given out first. */
  priority?: number | undefined;
  timeoutSeconds: number;
}

/** pg-boss on our pool: it dispatches, the row of the task is the record. One queue a type of task. */
export class TaskQueue {
  readonly #db: Pool;
  readonly #log: Logger;
  readonly #options: Partial<ConstructorOptions>;
  readonly #onJobs: ((type?: string) => void) | undefined;
  readonly #known = new Set<string>();
  #boss: Promise<PgBoss> | undefined;

  /** `onJobs`: this process runs tasks too, so it keeps the queue tidy and is told the types that got jobs; no type: of any. */
  constructor(db: Pool, log: Logger, onJobs?: (type?: string) => void) {
    this.#db = db;
    this.#log = log;
    this.#onJobs = onJobs;
    this.#options = { supervise: onJobs !== undefined, useListenNotify: onJobs !== undefined };
  }

  /** The queue, started with the first use. */
  boss(): Promise<PgBoss> {
    this.#boss ??= this.#start();
    return this.#boss;
  }

  /** Puts attempts into their queues within the caller's transaction: they are seen when it commits, and never if it does not. */
  async enqueue(client: Querier, jobs: readonly QueuedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    const boss = await this.boss();
    for (const [type, some] of Map.groupBy(jobs, (job) => job.type)) {
      await this.ensureQueue(type);
      const inserts = some.map(({ jobId, runAt, priority, timeoutSeconds, workspaceId, taskId, attempt }) => ({
        id: jobId,
        data: { workspaceId, taskId, attempt } satisfies QueuedAttempt,
        expireInSeconds: timeoutSeconds + 60,
        retryLimit: CLAIMS_MAX,
        retryDelay: 0,
        ...(priority === undefined ? {} : { priority }),
        ...(runAt === undefined ? {} : { startAfter: runAt }),
      }));
      await boss.insert(type, inserts, { db: bossOn(client) });
    }
  }

  /** Claims jobs of a type, at most so many. */
  async claim(type: string, most: number): Promise<ClaimedJob[]> {
    const jobs = await (await this.boss()).fetch<QueuedAttempt>(type, { batchSize: most });
    return jobs.map(({ id, data }) => ({ ...data, jobId: id }));
  }

  /** Says that claimed jobs are still worked on. */
  async touch(type: string, jobIds: readonly string[]): Promise<void> {
    await (await this.boss()).touch(type, [...jobIds]);
  }

  /** Gives claimed jobs out again that were not begun. */
  async putBack(type: string, jobIds: readonly string[]): Promise<void> {
    await (await this.boss()).fail(type, [...jobIds]);
  }

  /** Ends jobs in the caller's transaction: with what their tasks came to. */
  async settle(client: Querier, type: string, ...jobIds: string[]): Promise<void> {
    const boss = await this.boss();
    await boss.complete(type, jobIds, null, { db: bossOn(client), includeQueued: true });
  }

  /** Makes the queue of a type if it is not there. */
  async ensureQueue(type: string): Promise<void> {
    if (this.#known.has(type)) return;
    const boss = await this.boss();
    await boss.createQueue(type, {
      retryLimit: 0,
      heartbeatSeconds: taskLimits.heartbeatSeconds,
      deleteAfterSeconds: KEPT_SECONDS,
      retentionSeconds: PENDING_KEPT_SECONDS,
      notify: true,
    });
    this.#known.add(type);
  }

  async close(): Promise<void> {
    const boss = await this.#boss?.catch(() => undefined);
    await boss?.stop({ graceful: false });
  }

  async #start(): Promise<PgBoss> {
    const boss = new PgBoss({
      ...this.#options,
      db: poolForBoss(this.#db, this.#log, this.#onJobs),
      schema: queueSchema,
      migrate: false,
      createSchema: false,
      schedule: false,
      reindex: false,
      monitorVacuum: false,
      monitorIntervalSeconds: 30,
      superviseIntervalSeconds: 30,
    });
    boss.on("error", (error) => this.#log.warn({ err: error }, "the task queue"));
    boss.on("warning", (warning) => this.#log.warn({ warning }, "the task queue"));
    await boss.start();
    return boss;
  }
}

/** Of the texts of pg-boss, which differ by queue and by how many jobs are asked for, those are prepared that come often. */
const OFTEN = 20;
const PREPARED_MAX = 60;
const seen = new Map<string, number>();
const statements = new Map<string, ReturnType<typeof prepared>>();

function run(db: Querier | PoolClient, text: string, values: unknown[] | undefined): Promise<{ rows: unknown[] }> {
  const statement = statements.get(text);
  if (statement !== undefined) return db.query(statement(values ?? []));
  // Several in one text cannot be prepared.
  if (statements.size < PREPARED_MAX && !text.includes(";")) {
    const times = (seen.get(text) ?? 0) + 1;
    if (times === OFTEN) statements.set(text, prepared(text));
    else if (seen.size < 1_000) seen.set(text, times);
  }
  return db.query(text, values);
}

function bossOn(client: Querier | PoolClient): BossDb {
  return { executeSql: (text, values) => run(client, text, values as unknown[]) };
}

function poolForBoss(db: Pool, log: Logger, onJobs: (type?: string) => void = () => {}): BossDb {
  return {
    executeSql: (text, values) => run(db, text, values),
    listen: (channel, onNotification, onReconnect) =>
      listen(db, {
        channel,
        onMessage: (type) => {
          onNotification(type);
          onJobs(type);
        },
        onGap: () => {
          onReconnect();
          onJobs();
        },
        onFault: (error) => log.warn({ err: error }, "the task queue lost its connection"),
      }),
  };
}
