import type { Db } from "../../db/pool.ts";
import type { UsualTimes } from "../../tasks/usual-times.ts";
import { type CallbackFact, readCallbacks } from "./callback-facts.ts";
import { type MailFacts, readMail } from "./mail-facts.ts";
import { readSchedules, type ScheduleFacts } from "./schedule-facts.ts";
import { readTasks, type TaskFacts } from "./task-facts.ts";
import { type BrokenTemplate, readBrokenTemplates } from "./template-facts.ts";
import { readWorkers, type WorkerFacts } from "./worker-facts.ts";

/** What findings about one workspace are made from, as it was read in one go. Times in milliseconds since the epoch. */
export interface Facts {
  nowMs: number;
  /** What the server that was asked does; undefined for a command, which does not know. */
  role: "api" | "worker" | "all" | undefined;
  workers: WorkerFacts;
  tasks: TaskFacts;
  callbacks: readonly CallbackFact[];
  schedules: ScheduleFacts;
  mail: MailFacts;
  templates: readonly BrokenTemplate[];
}

export interface FactsDeps {
  db: Db;
  /** The clock of this machine; the database's is the one that counts. */
  clock: () => number;
  usual: Pick<UsualTimes, "of">;
  role: Facts["role"];
  /** The time by which things are judged, in tests. Left out, the database's clock. */
  now?: (() => number) | undefined;
}

/** Reads the facts of one workspace: a few statements over indexes, whatever its size. */
export async function readFacts(deps: FactsDeps, workspaceId: number): Promise<Facts> {
  const { db } = deps;
  const workers = await readWorkers(db, deps.clock, deps.now);
  const { nowMs } = workers;
  return {
    nowMs,
    role: deps.role,
    workers,
    tasks: await readTasks(db, workspaceId, nowMs, await deps.usual.of(workspaceId)),
    callbacks: await readCallbacks(db, workspaceId, nowMs),
    schedules: await readSchedules(db, workspaceId, nowMs),
    mail: await readMail(db, workspaceId, nowMs),
    templates: await readBrokenTemplates(db, workspaceId),
  };
}
