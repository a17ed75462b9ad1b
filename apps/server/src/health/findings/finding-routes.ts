import { findingsSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { requirePermission } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import { seesPersonal } from "../../tasks/task-sight.ts";
import { FindingBook } from "./finding-book.ts";
import { countFindings } from "./finding-metrics.ts";
import { maskFinding } from "./findings.ts";

/** `GET /health/findings`: what is wrong with tasks, schedules and mail now, and how to mend it. The same is counted in the metrics. */
export function registerFindingRoutes(app: FastifyInstance, deps: Deps): void {
  const { db, clock, config, tasks } = deps;
  const book = new FindingBook({ db, clock, usual: tasks.usual, role: config.role });
  countFindings(app, book, deps.log);
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/health/findings",
    schema: {
      summary: "Find out what is wrong",
      description:
        "Faults in the running of tasks, schedules and mail as they are now, the worst first, each with what to do and the command to copy. Computed anew every few seconds.",
      tags: ["tasks"],
      response: { 200: findingsSchema },
    },
    handler: async (request) => {
      const access = requirePermission(request, "tasks.read");
      const findings = await book.of(access.workspaceId);
      return { items: seesPersonal(access) ? findings : findings.map(maskFinding) };
    },
  });
}
