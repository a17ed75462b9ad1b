import type { Deps } from "../deps.ts";
import { Teller } from "./teller.ts";
import { Worker, type WorkerDeps } from "./worker.ts";

/** Runs tasks in this process and tells the log what happens to all of them. */
export async function startTasks(deps: WorkerDeps): Promise<{ stop(): Promise<void> }> {
  const teller = new Teller(deps as Deps);
  const worker = new Worker(deps);
  await teller.start();
  await worker.start();
  return {
    stop: async () => {
      await worker.stop(deps.config.drainSeconds * 1_000);
      await teller.stop();
    },
  };
}
