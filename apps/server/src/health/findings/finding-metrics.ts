import { findingCodes } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { Logger } from "pino";
import { Gauge } from "prom-client";
import { metrics } from "../metrics.ts";
import type { FindingBook } from "./finding-book.ts";

/** Whose findings are counted. A process has one application; tests have several, and the last one counts. */
let counted: { book: FindingBook; log: Logger } | undefined;

const findings = new Gauge({
  name: "daybook_findings",
  help: "Faults found in the running of tasks, schedules and mail, of all workspaces but the demo; 0 when there is none.",
  labelNames: ["code"],
  registers: [metrics],
  async collect() {
    if (counted === undefined) return;
    const numbers = new Map<string, number>(findingCodes.map((code) => [code, 0]));
    try {
      for (const { code } of await counted.book.all()) numbers.set(code, (numbers.get(code) ?? 0) + 1);
    } catch (error) {
      // The database is away: the other metrics are worth having all the same, and an old count would be a lie.
      counted.log.warn({ err: error }, "findings could not be counted");
      this.reset();
      return;
    }
    for (const [code, number] of numbers) this.set({ code }, number);
  },
});

/** Counts the findings of this application in `/metrics`, until it closes. */
export function countFindings(app: FastifyInstance, book: FindingBook, log: Logger): void {
  const own = { book, log };
  counted = own;
  app.addHook("onClose", async () => {
    if (counted !== own) return;
    counted = undefined;
    findings.reset();
  });
}
