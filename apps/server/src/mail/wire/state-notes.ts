import type { Deps } from "../../deps.ts";
import { noteState } from "../transports/transport-store.ts";
import type { Conversation } from "./conversation.ts";

/** How often the same news of a transport is written down. */
const NEWS_MS = 5_000;

/** Notes how it goes with the transports, without a row for every mail. */
export class StateNotes {
  readonly #deps: Pick<Deps, "db" | "clock" | "log">;
  readonly #last = new Map<string, { news: string; atMs: number }>();

  constructor(deps: Pick<Deps, "db" | "clock" | "log">) {
    this.#deps = deps;
  }

  /** A mail that is refused says nothing of the server; one that got through, or a server that cannot be used, does. */
  note(workspaceId: number, name: string, came: Conversation): void {
    if (!came.sent && !came.verdict.elsewhere) return;
    const key = `${workspaceId}/${name}`;
    const news = came.sent ? "sent" : `${came.verdict.class} ${came.setback.answer}`;
    const last = this.#last.get(key);
    const nowMs = performance.now();
    if (last?.news === news && nowMs - last.atMs < NEWS_MS) return;
    this.#last.set(key, { news, atMs: nowMs });
    const { db, clock, log } = this.#deps;
    const fault = came.sent ? undefined : { class: came.verdict.class, text: came.setback.answer ?? "" };
    noteState(db, workspaceId, name, clock(), fault).catch((error: unknown) =>
      log.warn({ err: error, transport: name }, "the state of a transport could not be noted"),
    );
  }
}
