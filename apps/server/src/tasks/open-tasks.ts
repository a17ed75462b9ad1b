import { pathToFileURL } from "node:url";
import type { Config } from "../config.ts";
import { followTasks } from "../schedules/follow.ts";
import { readCommands } from "./command-task.ts";
import type { TaskDefinition } from "./define-task.ts";
import { batchTask } from "./task-batch.ts";
import { TaskDesk, type TaskDeskDeps } from "./task-desk.ts";

/** Opens the desk where tasks are made, with the types that Daybook itself has, the handlers and the commands of the installation. */
export async function openTasks(
  deps: TaskDeskDeps & { config: Pick<Config, "handlersFile" | "commandsFile"> },
): Promise<TaskDesk> {
  const desk = new TaskDesk(deps);
  desk.types.define(batchTask({ ...deps, tasks: desk }));
  const { handlersFile, commandsFile } = deps.config;
  if (handlersFile !== undefined)
    for (const definition of await readHandlers(handlersFile)) desk.types.define(definition);
  if (commandsFile !== undefined) for (const definition of readCommands(commandsFile)) desk.types.define(definition);
  desk.whenEnded(followTasks);
  return desk;
}

/** The default export of a module: a list of what `defineTask` made. */
async function readHandlers(path: string): Promise<TaskDefinition[]> {
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  const list = module.default;
  const fits =
    Array.isArray(list) && list.every((each) => typeof each?.run === "function" && typeof each?.type === "string");
  if (!fits) throw new Error(`${path}: its default export must be a list of tasks made with defineTask`);
  return list;
}
