import { type Event, type EventInput, logScreenQueries } from "@daybook/contract";
import type { FastifyRequest } from "fastify";
import type { Logger } from "pino";
import type { Access } from "../../access/access.ts";
import { accessEvent } from "../../access/access-events.ts";
import type { RecordWriter } from "../record.ts";

/** The same search by the same person is recorded once in so long: paging and reloading are not new searches. */
const COALESCE_MS = 5 * 60_000;
/** Searches remembered; beyond it the oldest is forgotten and may be recorded again. */
const REMEMBERED_MAX = 5_000;
/** What the log screens ask for when they are opened and nothing was typed or clicked. The server knows them itself: if the console
 *  could say which part of a query was typed, somebody could search off the record. */
const OPENING: ReadonlySet<string> = new Set(Object.values(logScreenQueries));

/** Reading the record is itself recorded: writes `log.searched` for what people ask (API keys are not people), and `log.personal.viewed`. */
export class SearchEvents {
  readonly #record: Pick<RecordWriter, "write">;
  readonly #clock: () => number;
  readonly #log: Logger;
  readonly #seen = new Map<string, number>();
  readonly #writing = new Set<Promise<void>>();

  constructor(deps: { record: Pick<RecordWriter, "write">; clock: () => number; log: Logger }) {
    this.#record = deps.record;
    this.#clock = deps.clock;
    this.#log = deps.log;
  }

  /** Notes that a member of staff searched: asked for anything else than what a log screen shows when it is opened. The reply does not
   *  wait for it. */
  searched(
    request: FastifyRequest,
    access: Access,
    words: { q: string; from?: string | undefined; to?: string | undefined },
  ): void {
    if (access.kind !== "session" || OPENING.has(words.q.trim())) return;
    const { q: query, from, to } = words;
    const details = { query, ...(from ? { from } : {}), ...(to ? { to } : {}) };
    this.#note(request, access, `q ${query}`, { action: "log.searched", details });
  }

  /** Notes that somebody opened the personal fields of an event. The reply does not wait for it. */
  viewedPersonal(request: FastifyRequest, access: Access, seen: Pick<Event, "id" | "action">): void {
    this.#note(request, access, `personal ${seen.id}`, {
      action: "log.personal.viewed",
      targets: [{ type: "event", id: seen.id, name: seen.action }],
    });
  }

  /** Writes an event unless the same was noted of the same person (`what` says of what) a moment ago. */
  #note(request: FastifyRequest, access: Access, what: string, act: Omit<EventInput, "actor" | "origin">): void {
    const key = `${access.workspaceId}|${access.id}|${what}`;
    const now = this.#clock();
    const before = this.#seen.get(key);
    if (before !== undefined && now - before < COALESCE_MS) return;
    this.#seen.delete(key);
    this.#seen.set(key, now);
    if (this.#seen.size > REMEMBERED_MAX) this.#seen.delete(this.#seen.keys().next().value ?? "");
    const event = accessEvent(access, request.origin, act);
    const writing = this.#record
      .write(access.workspaceId, [event])
      .then(
        () => {},
        (error: unknown) => {
          this.#seen.delete(key);
          this.#log.error({ err: error }, "that the record was read could not be recorded");
        },
      )
      .finally(() => this.#writing.delete(writing));
    this.#writing.add(writing);
  }

  /** Resolves when every search that was noted is stored. */
  async settled(): Promise<void> {
    await Promise.all(this.#writing);
  }
}
