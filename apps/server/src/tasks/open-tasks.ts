import { batchTask } from "./task-batch.ts";
import { TaskDesk, type TaskDeskDeps } from "./task-desk.ts";

/** Opens the desk where tasks are made, with the types that Daybook itself has. */
export async function openTasks(deps: TaskDeskDeps): Promise<TaskDesk> {
  const desk = new TaskDesk(deps);
  desk.types.define(batchTask({ ...deps, tasks: desk }));
  return desk;
}
