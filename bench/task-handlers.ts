import { defineTask } from "@daybook/server/tasks/define-task.ts";
import { z } from "zod";

// What the worker of the bench runs: as little as a task can do that still writes lines and says how far it is.
export default [
  defineTask(
    "bench.job",
    z.object({ n: z.number() }),
    async ({ n }, { line, progress }) => {
      line(`job ${n} begins`);
      progress(50);
      line(`job ${n} is done`);
      return { n };
    },
    { idempotent: true, concurrency: 20 },
  ),
];
