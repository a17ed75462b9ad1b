import type { Deps } from "../deps.ts";
import { newId } from "../record/event-id.ts";
import { type KeptSettings, kindNumber, runState } from "./schedule-row.ts";
import { nextTime } from "./schedule-times.ts";

/** Something that Daybook does for itself, again and again. */
export interface Chore {
  /** In words: "seal past partitions". */
  name: string;
  run: () => Promise<unknown>;
}

/** Runs a chore and keeps its round as a run of its schedule. Throws what the chore throws. */
export type Watch = (chore: Chore) => Promise<void>;

/** Rounds that come more often are kept once a minute, so that the runs of a schedule are those of hours and not of seconds. */
const cron = "* * * * *";
const MINUTE_MS = 60_000;
/** A little less than the minute, whose rounds do not come to the millisecond. */
const NOTED_EVERY_MS = 50_000;

/** Runs of a chore that are kept. */
const RUNS_KEPT = 200;
/** After so many new ones the oldest go. */
const TIDY_EVERY = 20;

/** The lock of the house-keeping's rounds: one server at a time. */
const LOCK = "daybook.keeping";

const settings: KeptSettings = {
  cron,
  timeZone: "UTC",
  graceSeconds: 300,
  maxRunSeconds: 6 * 3600,
  catchUp: "once",
  overlap: "skip",
  jitterSeconds: 0,
};

type KeepingDeps = Pick<Deps, "ownerDb" | "log" | "clock">;

/** Shows the house-keeping of this process as schedules of the first workspace, and runs a chore when somebody asks for it. */
export class HouseKeeping {
  readonly #deps: KeepingDeps;
  readonly #chores = new Map<string, Chore>();
  readonly #known = new Set<string>();
  readonly #notedAt = new Map<string, number>();
  #noted = 0;
  #workspace: Promise<number> | undefined;

  constructor(deps: KeepingDeps) {
    this.#deps = deps;
  }

  readonly watch: Watch = async (chore) => {
    const name = scheduleNameOf(chore.name);
    this.#chores.set(name, chore);
    const startedMs = this.#deps.clock();
    const began = performance.now();
    let fault: unknown;
    try {
      await chore.run();
    } catch (error) {
      fault = error ?? new Error("it failed without a reason");
    }
    if (fault === undefined && began - (this.#notedAt.get(name) ?? Number.NEGATIVE_INFINITY) < NOTED_EVERY_MS) return;
    this.#notedAt.set(name, began);
    // Like everything that only tells, it must not keep the house-keeping from its work.
    await this.#note(name, startedMs, Math.round(performance.now() - began), fault).catch((error: unknown) =>
      this.#deps.log.error({ err: error }, "a round of house-keeping could not be noted"),
    );
    if (fault !== undefined) throw fault;
  };

  /** Runs what somebody asked for, one after the other, each in one server. */
  async runRequested(): Promise<void> {
    if (this.#chores.size === 0) return;
    for (;;) {
      const { rows } = await this.#deps.ownerDb.query<{ workspace_id: number; id: string; name: string }>(
        `update schedule_run as run set state = ${runState("running")}, started_at = $2
           from (select workspace_id, id from schedule_run
                  where state = ${runState("waiting")} and state < 2 and name = any($1::text[])
                  order by created_at limit 1 for update skip locked) as asked
          where run.workspace_id = asked.workspace_id and run.id = asked.id
         returning run.workspace_id, run.id, run.name`,
        [[...this.#chores.keys()], new Date(this.#deps.clock()).toISOString()],
      );
      const [asked] = rows;
      const chore = asked && this.#chores.get(asked.name);
      if (asked === undefined || chore === undefined) return;
      const began = performance.now();
      const fault = await this.#locked(() => chore.run()).then(
        () => undefined,
        (error: unknown) => error ?? new Error("it failed"),
      );
      await this.#deps.ownerDb.query(
        `update schedule_run set state = $3::smallint, finished_at = $4, duration_ms = $5, untold = $3::smallint = ${runState("failed")},
                reason = coalesce($6, reason)
          where workspace_id = $1 and id = $2`,
        [
          ...[asked.workspace_id, asked.id, runState(fault === undefined ? "succeeded" : "failed")],
          new Date(this.#deps.clock()).toISOString(),
          Math.round(performance.now() - began),
          fault === undefined ? null : textOf(fault),
        ],
      );
    }
  }

  /** One run a minute, that of the first server that is through; a round that failed takes the place of one that worked. */
  async #note(name: string, startedMs: number, tookMs: number, fault: unknown): Promise<void> {
    const workspaceId = await this.#ensure(name);
    const dueMs = Math.floor(startedMs / MINUTE_MS) * MINUTE_MS;
    const [failed, succeeded] = [runState("failed"), runState("succeeded")];
    const time = (ms: number): string => new Date(ms).toISOString();
    await this.#deps.ownerDb.query(
      `with moved as (update schedule set next_run_at = $10 where workspace_id = $1 and name = $3 and next_run_at < $10)
       insert into schedule_run (workspace_id, id, name, due_at, state, reason, started_at, finished_at, duration_ms, untold, created_at)
       select $1, $2, $3, $4, $5::smallint, $6, $7, $8, $9,
              -- A chore that fails round after round is told once.
              $5::smallint = ${failed} and coalesce((select state <> ${failed} from schedule_run
                where workspace_id = $1 and name = $3 order by created_at desc limit 1), true), $8
       on conflict (workspace_id, name, due_at) where due_at is not null do update
         set state = ${failed}, reason = excluded.reason, finished_at = excluded.finished_at, duration_ms = excluded.duration_ms,
             untold = excluded.untold
       where schedule_run.state = ${succeeded} and excluded.state = ${failed}`,
      [
        ...[workspaceId, newId(startedMs), name, time(dueMs), fault === undefined ? succeeded : failed],
        ...[fault === undefined ? null : textOf(fault), time(startedMs), time(startedMs + tookMs), tookMs],
        time(nextTime(settings, startedMs) ?? startedMs),
      ],
    );
    this.#noted += 1;
    if (this.#noted % TIDY_EVERY === 0) await this.#tidy(workspaceId, name);
  }

  async #tidy(workspaceId: number, name: string): Promise<void> {
    await this.#deps.ownerDb.query(
      `delete from schedule_run where workspace_id = $1 and name = $2 and state >= 2 and created_at <=
         (select created_at from schedule_run where workspace_id = $1 and name = $2 order by created_at desc offset ${RUNS_KEPT} limit 1)`,
      [workspaceId, name],
    );
  }

  /** Makes the schedule of a chore if it is not there; gives its workspace. */
  async #ensure(name: string): Promise<number> {
    this.#workspace ??= this.#firstWorkspace();
    const workspaceId = await this.#workspace.catch((error: unknown) => {
      this.#workspace = undefined;
      throw error;
    });
    if (this.#known.has(name)) return workspaceId;
    const now = new Date(this.#deps.clock()).toISOString();
    const what = this.#chores.get(name)?.name ?? name;
    const description = `House-keeping of Daybook: ${what}.`;
    await this.#deps.ownerDb.query(
      `insert into schedule (workspace_id, name, kind, source, settings, created_at, next_run_at)
       values ($1, $2, ${kindNumber("builtin")}, 'builtin', $3, $4, $4)
       on conflict (workspace_id, name) do update set kind = excluded.kind, source = excluded.source, settings = excluded.settings,
         paused = false, start_at = null, deadline_at = null`,
      [workspaceId, name, JSON.stringify({ ...settings, description }), now],
    );
    this.#known.add(name);
    return workspaceId;
  }

  async #firstWorkspace(): Promise<number> {
    const { rows } = await this.#deps.ownerDb.query<{ id: number }>("select min(id) as id from workspace");
    const id = rows[0]?.id;
    if (id === undefined) throw new Error("there is no workspace");
    return id;
  }

  /** Waits for a round that is under way, in whatever server. */
  async #locked(work: () => Promise<unknown>): Promise<void> {
    const client = await this.#deps.ownerDb.connect();
    try {
      await client.query("select pg_advisory_lock(hashtext($1))", [LOCK]);
      await work();
    } finally {
      // Ends the session's locks in any case.
      await client.query("select pg_advisory_unlock_all()").catch(() => {});
      client.release();
    }
  }
}

/** "seal past partitions" is the schedule daybook.seal-past-partitions. */
export function scheduleNameOf(chore: string): string {
  return `daybook.${chore.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, 4_000);
}
