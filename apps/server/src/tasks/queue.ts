import { taskLimits } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";
import { type Db as BossDb, type ConstructorOptions, PgBoss } from "pg-boss";
import type { Logger } from "pino";
import type { Querier } from "../access/staff-store.ts";
import { listen } from "../db/listen.ts";
import { queueSchema } from "../db/queue-schema.ts";

/** A job of the queue is kept for so long after its end; the task is the record. */
const KEPT_SECONDS = 60;
const PENDING_KEPT_SECONDS = 90 * 24 * 3600;

/** What a job of the queue says: which attempt of which task is to be run. */
export interface QueuedAttempt {
  workspaceId: number;
  taskId: string;
  attempt: number;
}

export interface QueuedJob extends QueuedAttempt {
  /** Of the job, a UUID. */
  jobId: string;
  type: string;
  runAt?: Date | undefined;
  timeoutSeconds: number;
}

/** pg-boss on our pool: it dispatches, the row of the task is the record. One queue a type of task. */
export class TaskQueue {
  readonly #db: Pool;
  readonly #log: Logger;
  readonly #options: Partial<ConstructorOptions>;
  readonly #known = new Set<string>();
  #boss: Promise<PgBoss> | undefined;

  /** `works`: this process runs tasks too, so it listens and keeps the queue tidy. */
  constructor(db: Pool, log: Logger, works = false) {
    this.#db = db;
    this.#log = log;
    this.#options = { supervise: works, useListenNotify: works };
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
      const inserts = some.map(({ jobId, runAt, timeoutSeconds, workspaceId, taskId, attempt }) => ({
        id: jobId,
        data: { workspaceId, taskId, attempt } satisfies QueuedAttempt,
        expireInSeconds: timeoutSeconds + 60,
        ...(runAt === undefined ? {} : { startAfter: runAt }),
      }));
      await boss.insert(type, inserts, { db: bossOn(client) });
    }
  }

  /** Ends a job in the caller's transaction: with what its task came to. */
  async settle(client: Querier, type: string, jobId: string): Promise<void> {
    const boss = await this.boss();
    await boss.complete(type, jobId, null, { db: bossOn(client), includeQueued: true });
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
      db: poolForBoss(this.#db, this.#log),
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

function bossOn(client: Querier | PoolClient): BossDb {
  return { executeSql: (text, values) => client.query(text, values as unknown[]) };
}

function poolForBoss(db: Pool, log: Logger): BossDb {
  return {
    executeSql: (text, values) => db.query(text, values),
    listen: (channel, onNotification, onReconnect) =>
      listen(db, {
        channel,
        onMessage: onNotification,
        onGap: onReconnect,
        onFault: (error) => log.warn({ err: error }, "the task queue lost its connection"),
      }),
  };
}
