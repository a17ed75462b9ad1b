import { randomBytes } from "node:crypto";
import { type TaskTypeSettings, taskTypeSettingsSchema } from "@daybook/contract";
import type { Db } from "../../db/pool.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import { appendLines } from "../../tasks/lines/line-writer.ts";
import { changeTask } from "../../tasks/task-acts.ts";
import { TaskDesk } from "../../tasks/task-desk.ts";
import { Chance } from "../chance.ts";
import { provisioner } from "../draft.ts";
import { serverTarget } from "../fleet.ts";
import { beginStory, type StoryOptions } from "../story.ts";
import { trades } from "./trades.ts";
import { type AttemptPlot, plotWork, type TaskPlot } from "./work-plot.ts";

/** Where work is told: a desk, and a clock that says the time of the story. */
export interface WorkTime {
  clock: () => number;
  at: number;
}

export type WorkDeps = Pick<Deps, "db" | "log" | "clock" | "redaction">;

/** The panel of Heronfield, which is asked for retries; nobody answers there. */
const callback = "https://panel.heronfield.example/daybook";

/** Whether a workspace has tasks: those of the demo were told already. */
export async function hasWork(db: Db, workspaceId: number): Promise<boolean> {
  const { rows } = await db.query<{ there: boolean }>(
    "select exists (select from task where workspace_id = $1) as there",
    [workspaceId],
  );
  return rows[0]?.there === true;
}

/** Tells the tasks of the demo the way the panel would have told them, with the clock set to each moment. Returns how many were made. */
export async function fillWork(
  deps: WorkDeps,
  workspace: { id: number; story: StoryOptions },
  signal?: AbortSignal,
): Promise<number> {
  const nowMs = deps.clock();
  const chance = new Chance(`${workspace.story.seed}/work`);
  const { world } = beginStory(workspace.story);
  await defineTypes(deps.db, workspace.id);
  const time = storyTime(nowMs);
  const desk = new TaskDesk({ ...deps, clock: time.clock });
  try {
    let made = 0;
    for (const plot of plotWork(world, chance, nowMs)) {
      if (signal?.aborted) break;
      await tellTask({ ...deps, clock: time.clock, tasks: desk }, workspace.id, plot, time);
      made++;
    }
    return made;
  } finally {
    await desk.close();
  }
}

/** A clock that stands where it is set. */
export function storyTime(nowMs: number): WorkTime {
  const time = { at: nowMs, clock: () => time.at };
  return time;
}

/** Deploys and backups may be run twice; the panel is asked for it. */
async function defineTypes(db: Db, workspaceId: number): Promise<void> {
  for (const { type, title } of trades) {
    const idempotent = type === "instance.deploy" || type === "instance.backup";
    const settings: TaskTypeSettings = taskTypeSettingsSchema.parse({
      title: `${title} a server`,
      idempotent,
      retries: idempotent ? 2 : 0,
      callback,
    });
    await db.query(
      `insert into task_type (workspace_id, type, settings, secret, secret_since) values ($1, $2, $3, $4, now())
       on conflict (workspace_id, type) do nothing`,
      [workspaceId, type, settings, randomBytes(32).toString("hex")],
    );
  }
}

type TellDeps = WorkDeps & { tasks: TaskDesk };

async function tellTask(deps: TellDeps, workspaceId: number, plot: TaskPlot, time: WorkTime): Promise<void> {
  const { server, node, type, title, payload } = plot;
  const { id: userId, name } = server.owner.actor;
  time.at = plot.at;
  const doer = { actor: provisioner, origin: { ip: null } };
  const { task } = await deps.tasks.create(
    workspaceId,
    { type, title, node, payload: payload as never, targets: [serverTarget(server)], user: { id: userId, name } },
    { actor: server.owner.actor },
  );
  const act = { workspaceId, id: task.id, doer };
  for (const attempt of plot.attempts) await tellAttempt(deps, act, attempt, time);
  if (plot.cancelledAt !== undefined) {
    time.at = plot.cancelledAt;
    await changeTask(deps, act, { status: "cancelled" });
  }
}

async function tellAttempt(
  deps: TellDeps,
  act: Parameters<typeof changeTask>[1],
  { startedAt, endedAt, progress, error, result, lines }: AttemptPlot,
  time: WorkTime,
): Promise<void> {
  const { workspaceId, id } = act;
  time.at = startedAt;
  await changeTask(deps, act, { status: "running" });
  const lastMs = endedAt ?? startedAt + 1;
  time.at = lastMs;
  const most = Math.max(0.001, ...lines.map((line) => line.part));
  const given = lines.map(({ part, text, err }) => ({
    at: new Date(startedAt + (part / most) * (lastMs - startedAt)).toISOString(),
    stream: err ? ("err" as const) : ("out" as const),
    text,
  }));
  if (given.length > 0)
    await inTransaction(deps.db, (client) => appendLines(client, deps, { workspaceId, id }, { lines: given }));
  if (endedAt === undefined) await changeTask(deps, act, { progress });
  else if (error) await changeTask(deps, act, { status: "failed", progress, error });
  else await changeTask(deps, act, { status: "completed", progress, ...(result && { result: result as never }) });
}
