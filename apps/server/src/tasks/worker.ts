import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Deps } from "../deps.ts";
import { Dispatcher } from "./dispatcher.ts";
import { GroupedEnds, startAll } from "./grouped-steps.ts";
import { giveBack, giveBackLost, queueOrphans } from "./lost.ts";
import { type ClaimedJob, TaskQueue } from "./queue.ts";
import { type EndpointCall, TaskRun } from "./task-run.ts";

/** How often a worker shows that it is alive, and looks for tasks of those that are not. */
const BEAT_MS = 4_000;
/** Jobs that got lost are looked for at every so manyth beat: it reads all pending tasks. */
const ORPHANS_EVERY_BEATS = 6;
/** PostgreSQL's deadlock_detected. */
const DEADLOCK = "40P01";
/** How often types that the API defined are looked for. */
const LOOK_MS = 5_000;

export interface WorkerDeps extends Deps {
  version: string;
  /** Runs a task by calling the panel. */
  callEndpoint: EndpointCall;
}

/**
 * Runs tasks in this process.
 *  1. For each type that it has a handler for, take jobs from the queue, as many at a time as the type allows.
 *  2. Every few seconds say that it is alive and holds these tasks; one that is no longer its own is aborted.
 *  3. Give back the tasks of workers that have not shown themselves (every worker does, whoever comes first).
 */
export class Worker {
  readonly id = `${hostname()}:${process.pid}:${randomBytes(2).toString("hex")}`;
  readonly #deps: WorkerDeps;
  readonly #queue: TaskQueue;
  readonly #runs = new Map<string, TaskRun>();
  /** Types whose jobs it takes. */
  readonly #types = new Map<string, Dispatcher>();
  readonly #ends: GroupedEnds;
  readonly #startedAt = new Date();
  #beats = 0;
  #timers: NodeJS.Timeout[] = [];
  #beating: Promise<void> = Promise.resolve();

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#ends = new GroupedEnds(deps, this.id);
    this.#queue = new TaskQueue(deps.db, deps.log, (type) => {
      for (const [name, dispatcher] of this.#types) if (type === undefined || type === name) dispatcher.wake();
    });
  }

  async start(): Promise<void> {
    await this.#queue.boss();
    for (const { type, settings } of this.#deps.tasks.types.definitions()) await this.#work(type, settings.concurrency);
    await this.#lookForTypes();
    await this.#beat();
    this.#timers = [
      setInterval(() => this.#turn(() => this.#beat()), BEAT_MS),
      setInterval(() => this.#turn(() => this.#lookForTypes()), LOOK_MS),
    ];
  }

  /** Takes no more, waits until what is running has ended, for so long; what then still runs is aborted and given back. */
  async stop(waitMs: number): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await Promise.all([...this.#types.values()].map((dispatcher) => dispatcher.stop()));
    const beat = setInterval(() => this.#turn(() => this.#beat()), BEAT_MS);
    const until = performance.now() + waitMs;
    while (this.#runs.size > 0 && performance.now() < until) await new Promise((next) => setTimeout(next, 50));
    clearInterval(beat);
    for (const run of this.#runs.values()) {
      run.lose();
      await giveBack(this.#deps, run.row, true).catch(() => {});
    }
    await this.#beating;
    await this.#queue.close();
    await this.#deps.db.query("delete from task_worker where id = $1", [this.id]).catch(() => {});
  }

  #turn(work: () => Promise<void>): void {
    this.#beating = this.#beating
      .then(work)
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, "the worker"));
  }

  async #work(type: string, concurrency: number): Promise<void> {
    const known = this.#types.get(type);
    if (known !== undefined) {
      known.slots = concurrency;
      return;
    }
    await this.#queue.ensureQueue(type);
    const dispatcher = new Dispatcher({
      ...this.#deps,
      queue: this.#queue,
      type,
      slots: concurrency,
      run: (jobs) => this.#run(type, jobs),
    });
    this.#types.set(type, dispatcher);
    dispatcher.wake();
  }

  /** Begins claimed jobs; each promise ends with its task. Jobs whose task was cancelled meanwhile, or run already, have none. */
  async #run(type: string, jobs: readonly ClaimedJob[]): Promise<Promise<void>[]> {
    const rows = await startAll(this.#deps.db, this.id, this.#deps.clock(), jobs);
    if (rows.length < jobs.length) {
      const begun = new Set(rows.map((row) => row.job_id));
      const stale = jobs.map(({ jobId }) => jobId).filter((id) => !begun.has(id));
      // They would be given out again and again otherwise.
      await this.#queue
        .settle(this.#deps.db, type, ...stale)
        .catch((error: unknown) => this.#deps.log.warn({ err: error, type }, "jobs of no use could not be ended"));
    }
    return rows.map(async (row) => {
      const run = new TaskRun(this.#deps, this.#ends, this.id, row);
      this.#runs.set(row.id, run);
      try {
        await run.go();
      } catch (error) {
        // The database was away when the task had to be ended: its worker will count as lost.
        this.#deps.log.error({ err: error, task: row.id }, "a task could not be ended");
      } finally {
        this.#runs.delete(row.id);
      }
    });
  }

  /** Types that are run by calling the panel may come at any time. */
  async #lookForTypes(): Promise<void> {
    const { rows } = await this.#deps.db.query<{ type: string; concurrency: number }>(
      `select type, max((settings->>'concurrency')::int) as concurrency from task_type where settings ? 'endpoint' group by type`,
    );
    const own = new Set(this.#deps.tasks.types.definitions().map(({ type }) => type));
    for (const { type, concurrency } of rows) if (!own.has(type)) await this.#work(type, concurrency);
  }

  async #beat(): Promise<void> {
    const before = Date.now();
    const { rows } = await this.#deps.db.query<{ now: Date }>("select clock_timestamp() as now");
    const skew = Math.round(Number(rows[0]?.now ?? before) - (before + Date.now()) / 2);
    const slots = [...this.#types.values()].reduce((sum, dispatcher) => sum + dispatcher.slots, 0);
    await this.#deps.db.query(
      `insert into task_worker (id, host, pid, version, started_at, seen_at, slots, types, clock_skew_ms)
         values ($1, $2, $3, $4, $5, now(), $6, $7, $8)
       on conflict (id) do update set seen_at = now(), slots = $6, types = $7, clock_skew_ms = $8`,
      [
        ...[this.id, hostname(), process.pid, this.#deps.version, this.#startedAt],
        slots,
        [...this.#types.keys()],
        -skew,
      ],
    );
    // Tasks that end meanwhile are locked in another order: once more then, as nothing else says that the others are held.
    await this.#hold().catch((error: { code?: unknown }) => {
      if (error.code !== DEADLOCK) throw error;
      return this.#hold();
    });
    await giveBackLost(this.#deps);
    if (++this.#beats % ORPHANS_EVERY_BEATS === 0) await queueOrphans(this.#deps);
    await this.#deps.db.query("delete from task_worker where seen_at < now() - interval '1 day'");
  }

  /** Shows that its tasks are held; those that are no longer its own are aborted. */
  async #hold(): Promise<void> {
    const rows = [...this.#runs.values()].map((run) => run.row);
    if (rows.length === 0) return;
    for (const [type, some] of Map.groupBy(rows, (row) => row.type))
      await this.#queue.touch(
        type,
        some.flatMap((row) => row.job_id ?? []),
      );
    const ids = rows.map((row) => row.id);
    const held = await this.#deps.db.query<{ id: string }>(
      "update task set heartbeat_at = now() where id = any($1::uuid[]) and worker = $2 and status = 1 returning id",
      [ids, this.id],
    );
    const own = new Set(held.rows.map((row) => row.id));
    for (const id of ids) if (!own.has(id)) this.#runs.get(id)?.lose();
  }
}
