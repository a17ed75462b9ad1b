import { createTaskPartitions } from "./partitions.ts";
import { taskTeller } from "./teller.ts";
import { Worker, type WorkerDeps } from "./worker.ts";

const PARTITIONS_EVERY_MS = 6 * 3_600_000;

/** Runs tasks in this process and tells the log what happens to all of them. */
export async function startTasks(deps: WorkerDeps): Promise<{ stop(): Promise<void> }> {
  await createTaskPartitions(deps.ownerDb, deps.clock());
  const partitions = setInterval(() => {
    createTaskPartitions(deps.ownerDb, deps.clock()).catch((error: unknown) =>
      deps.log.error({ err: error }, "partitions of tasks could not be made"),
    );
  }, PARTITIONS_EVERY_MS);
  const teller = taskTeller(deps);
  const worker = new Worker(deps);
  await teller.start();
  await worker.start();
  return {
    stop: async () => {
      clearInterval(partitions);
      await worker.stop(deps.config.drainSeconds * 1_000);
      await teller.stop();
    },
  };
}
