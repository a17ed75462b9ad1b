import { canonicalAction, type EventInput, type Json } from "@daybook/contract";
import { parseTime } from "../../record/event-time.ts";
import { isActionName } from "../action-name.ts";
import { contentId, Occurrences } from "../identity.ts";
import type { Importer, ImportItem } from "../importer.ts";
import { type JsonRecord, readJsonRecords } from "../json-records.ts";
import type { Source } from "../source.ts";

export const jsonl: Importer = {
  name: "jsonl",
  describe: "Daybook's own events: one JSON object a line, an array, or what `daybook export` writes",
  files: /\.(jsonl|ndjson|json)(\.gz)?$/,
  contentDecidesId: false,
  open: () => new JsonlReader(),
};

/** What the server adds to an event: it says it anew of an imported one. */
const serverFields = new Set(["seq", "recordedAt", "category", "kind", "severity", "summary", "leafHash", "proof"]);
const serverOriginFields = new Set(["country", "asn", "network", "browser", "os"]);

/** An event as a client would have sent it, from one as the API gives it out. */
export function withoutServerFields(value: { [key: string]: Json }): { [key: string]: Json } {
  const event = Object.fromEntries(Object.entries(value).filter(([key]) => !serverFields.has(key)));
  const { origin } = event;
  const own = isObject(origin)
    ? Object.fromEntries(Object.entries(origin).filter(([key]) => !serverOriginFields.has(key)))
    : origin;
  // An event that came without an address keeps none: the address of whoever imports says nothing about it.
  event.origin = isObject(own) ? { ip: null, ...own } : (own ?? { ip: null });
  return event;
}

/** `auth:fail` and the like of other panels become the catalogue's action; a name that is valid already stays. */
function renameAction(event: { [key: string]: Json }): void {
  const { action, details } = event;
  if (typeof action !== "string" || isActionName(action)) return;
  const ours = canonicalAction(action);
  if (!ours) return;
  event.action = ours.action;
  if (ours.outcome !== undefined) event.outcome ??= ours.outcome;
  if (ours.reason !== undefined && event.outcome !== "success") event.reason ??= ours.reason;
  if (details === undefined) event.details = { sourceAction: action };
  else if (isObject(details)) event.details = { sourceAction: action, ...details };
}

class JsonlReader {
  readonly #occurrences = new Occurrences();

  async *read(source: Source): AsyncGenerator<ImportItem> {
    this.#occurrences.clear();
    for await (const record of readJsonRecords(source.open(), "items")) yield this.#item(record);
  }

  #item(found: JsonRecord): ImportItem {
    const { text, line } = found;
    if ("fault" in found) return { fault: { line, ...found.fault, text } };
    let value: Json;
    try {
      value = JSON.parse(text) as Json;
    } catch (error) {
      return { fault: { line, code: "invalid_json", message: (error as Error).message, text } };
    }
    if (!isObject(value)) return { fault: { line, code: "not_an_event", message: "An event is a JSON object.", text } };
    const event = withoutServerFields(value);
    event.id ??= this.#idOf(event);
    renameAction(event);
    // The log checks the rest, as of an event that comes by HTTP.
    return { event: event as unknown as EventInput, line, text };
  }

  /** An event without an id gets one from its content, so that a second reading adds nothing. */
  #idOf(event: { [key: string]: Json }): string {
    // Before the check of the event, so the time may be anything; a wrong one is found there.
    const parsed = typeof event.occurredAt === "string" ? parseTime(event.occurredAt) : 0;
    const at = Number.isFinite(parsed) ? parsed : 0;
    const content = JSON.stringify(event);
    return contentId(at, `jsonl\n${content}\n${this.#occurrences.next(content, at)}`);
  }
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
