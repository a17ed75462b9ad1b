import type { CheckIn } from "@daybook/contract";
import type { Background } from "./background.ts";
import type { Connection } from "./connection.ts";
import { uuidv7 } from "./uuid.ts";

/** Check-ins of jobs that something else runs: cron, systemd, the panel. */
export class Schedules {
  readonly #connection: Connection;
  readonly #background: Background;

  constructor(connection: Connection, background: Background) {
    this.#connection = connection;
    this.#background = background;
  }

  /** Says how a run of a schedule stands. The time is the time of this call, however late it arrives. Resolves when it was stored. */
  async checkIn(name: string, checkIn: CheckIn): Promise<void> {
    await this.#connection.call({
      method: "POST",
      path: `/schedules/${encodeURIComponent(name)}/check-ins`,
      body: JSON.stringify({ at: new Date().toISOString(), ...checkIn }),
    });
  }

  /**
   * Runs `work` as one run of a schedule: says that it started, and whether it succeeded. What it returns or throws is passed on at once,
   * whether Daybook can be reached or not; `close()` waits for what is still to be said.
   */
  async run<T>(name: string, work: () => Promise<T> | T): Promise<T> {
    const runId = uuidv7();
    const began = Date.now();
    const started = this.checkIn(name, { state: "started", runId });
    this.#background.wait(started);
    const ended = (state: "succeeded" | "failed", output?: string): void => {
      const checkIn: CheckIn = { state, runId, durationMs: Date.now() - began, at: new Date().toISOString() };
      if (output !== undefined) checkIn.output = output;
      this.#background.wait(started.catch(() => {}).then(() => this.checkIn(name, checkIn)));
    };
    try {
      const result = await work();
      ended("succeeded");
      return result;
    } catch (error) {
      ended("failed", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }
}
