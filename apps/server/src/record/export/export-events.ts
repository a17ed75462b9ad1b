import { randomUUID } from "node:crypto";
import { type EventInput, formatQuery } from "@daybook/contract";
import type { RecordWriter } from "../record.ts";
import type { ExportProgress, ExportRequest } from "./export.ts";

/** What is recorded of an export: that it began (`log.exported`), and how it ended (`log.export.finished`). */
export class ExportEvents {
  readonly #record: Pick<RecordWriter, "write">;
  readonly #workspaceId: number;
  readonly #details: { exportId: string; format: string; query: string; from?: string; to?: string };
  /** Adds actor and origin. */
  readonly #complete: (event: Omit<EventInput, "actor" | "origin">) => EventInput;

  constructor(
    record: Pick<RecordWriter, "write">,
    { scope, format }: ExportRequest,
    complete: (event: Omit<EventInput, "actor" | "origin">) => EventInput,
  ) {
    this.#record = record;
    this.#workspaceId = scope.workspaceId;
    this.#complete = complete;
    this.#details = {
      exportId: randomUUID(),
      format,
      query: formatQuery(scope.query),
      ...(scope.fromMs === undefined ? {} : { from: new Date(scope.fromMs).toISOString() }),
      ...(scope.toMs === undefined ? {} : { to: new Date(scope.toMs).toISOString() }),
    };
  }

  /** Records that the export begins; resolves when that is on disk. */
  async begin(): Promise<void> {
    await this.#record.write(this.#workspaceId, [this.#complete({ action: "log.exported", details: this.#details })]);
  }

  /** Records how many events were handed out, and whether all were. */
  async end(progress: ExportProgress, whole: boolean): Promise<void> {
    const event = this.#complete({
      action: "log.export.finished",
      outcome: whole ? "success" : "failure",
      ...(whole ? {} : { reason: "broken_off" }),
      details: { ...this.#details, events: progress.events },
    });
    await this.#record.write(this.#workspaceId, [event]);
  }
}
