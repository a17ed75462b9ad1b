import type { EventInput, Json } from "@daybook/contract";
import { normaliseIp } from "../../record/origin/address.ts";
import { namedAction } from "../action-name.ts";
import { contentId, type Occurrences } from "../identity.ts";
import { Zone } from "../zone.ts";
import type { CsvMapping, FieldSource } from "./mapping.ts";
import { type TimeReader, timeReader } from "./time-format.ts";

/** A row that could not become an event, with the reason. */
export interface RowFault {
  code: string;
  message: string;
}

type Cell = (row: string[]) => string;

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What people write for an outcome when no lookup says otherwise. */
const outcomeWords: Record<string, string> = {};
for (const word of ["success", "succeeded", "successful", "ok", "true", "yes", "1", "passed", "allowed"])
  outcomeWords[word] = "success";
for (const word of ["failure", "failed", "fail", "error", "false", "no", "0"]) outcomeWords[word] = "failure";
for (const word of ["denied", "forbidden", "blocked", "refused", "rejected"]) outcomeWords[word] = "denied";

/** Turns rows into events by a mapping, once the names of the columns are known. */
export class RowMapper {
  readonly #columns: string[];
  readonly #mapping: CsvMapping;
  readonly #time: { cells: Cell[]; read: TimeReader; zone: Zone };
  readonly #fields: [path: string[], source: FieldSource, cell: Cell | undefined][];
  readonly #rest: [name: string, place: number][];
  readonly #prefix: string | undefined;

  /** @throws Error naming a column of the mapping that the file does not have */
  constructor(mapping: CsvMapping, columns: string[], timezone: string) {
    this.#mapping = mapping;
    this.#columns = columns.map((name) => name.trim());
    const action = mapping.fields.action;
    this.#prefix = typeof action === "object" && "column" in action ? action.prefix : undefined;
    const { column, format } = mapping.time;
    const timeColumns = Array.isArray(column) ? column : [column];
    const zone = new Zone(mapping.time.timezone ?? timezone);
    this.#time = { cells: timeColumns.map((name) => this.#cell(name)), read: timeReader(format), zone };
    const used = new Set(timeColumns);
    this.#fields = Object.entries(mapping.fields).map(([path, source]) => {
      const name = typeof source === "string" ? source : "column" in source ? source.column : undefined;
      if (name !== undefined) used.add(name);
      return [path.split("."), source, name === undefined ? undefined : this.#cell(name)];
    });
    this.#rest = this.#columns.flatMap((name, place) => (used.has(name) ? [] : [[name, place] as [string, number]]));
  }

  /** The event of a row, with an id that follows from its cells (or is the one that a column gives). */
  event(row: string[], occurrences: Occurrences): EventInput | RowFault {
    if (row.length !== this.#columns.length)
      return { code: "column_count", message: `The row has ${row.length} cells, the header ${this.#columns.length}.` };
    const timeText = this.#time.cells
      .map((cell) => cell(row))
      .join(" ")
      .trim();
    const at = this.#time.read(timeText, this.#time.zone);
    if (at === undefined)
      return {
        code: "invalid_time",
        message: `${JSON.stringify(timeText)} is not a time in the format ${this.#mapping.time.format}.`,
      };
    const built: { [key: string]: Json } = {};
    for (const [path, source, cell] of this.#fields) {
      const value = cellValue(path, source, cell?.(row));
      if (value !== undefined) setAt(built, path, value);
    }
    if (this.#mapping.rest === "details")
      for (const [name, place] of this.#rest) {
        const text = row[place] ?? "";
        if (text !== "") setAt(built, ["details", name], text);
      }
    return finished(built, at, row, occurrences, this.#prefix);
  }

  #cell(name: string): Cell {
    const place = this.#columns.indexOf(name.trim());
    if (place === -1)
      throw new Error(`There is no column ${JSON.stringify(name)}; the file has ${this.#columns.join(", ")}.`);
    return (row) => row[place]?.trim() ?? "";
  }
}

function cellValue(path: string[], source: FieldSource, text: string | undefined): Json | undefined {
  if (typeof source !== "string" && "value" in source) return source.value;
  const rules = typeof source === "string" ? undefined : source;
  const found = text === undefined || text === "" ? undefined : looked(rules?.lookup, text);
  const [head] = path;
  // An action that the lookup does not hold still has a name.
  const value = found ?? rules?.default ?? (head === "action" ? text || undefined : undefined);
  if (value === undefined || (found === undefined && rules?.default !== undefined)) return value;
  if (head === "outcome") return outcomeWords[String(value).toLowerCase()] ?? value;
  if (head !== "details" && head !== "changes") return value;
  return converted(String(value), rules?.as ?? "text");
}

function looked(lookup: Record<string, string> | undefined, text: string): string | undefined {
  if (lookup === undefined) return text;
  if (Object.hasOwn(lookup, text)) return lookup[text];
  const wanted = text.toLowerCase();
  const key = Object.keys(lookup).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : lookup[key];
}

function converted(text: string, as: "text" | "number" | "boolean" | "json"): Json {
  if (as === "number" && Number.isFinite(Number(text))) return Number(text);
  if (as === "boolean") return /^(true|yes|y|1|on)$/i.test(text);
  if (as === "json") {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return text;
    }
  }
  return text;
}

/** Sets a value at a path; a numeric step makes a list. */
function setAt(root: { [key: string]: Json }, path: string[], value: Json): void {
  let holder: { [key: string]: Json } = root;
  for (const [place, step] of path.entries()) {
    if (place === path.length - 1) {
      if (!Object.hasOwn(holder, step))
        Object.defineProperty(holder, step, { value, enumerable: true, writable: true, configurable: true });
      return;
    }
    if (!Object.hasOwn(holder, step)) holder[step] = {};
    const next = holder[step];
    if (typeof next !== "object" || next === null) return;
    holder = next as { [key: string]: Json };
  }
}

/** Puts the pieces into the form of the contract: lists from numbered members, no half-known people or things. */
function finished(
  built: { [key: string]: Json },
  at: number,
  row: string[],
  occurrences: Occurrences,
  prefix: string | undefined,
): EventInput | RowFault {
  if (built.action === undefined)
    return { code: "no_action", message: "The cell of the action is empty, or not in the lookup." };
  const given = typeof built.id === "string" ? built.id : undefined;
  const event: { [key: string]: Json } = {
    ...built,
    id: idOf(given, at, row, occurrences),
    occurredAt: new Date(at).toISOString(),
  };
  const targets = listed(built.targets).filter((target) => target.id !== undefined);
  const changes = listed(built.changes).filter((change) => change.field !== undefined);
  if (built.targets !== undefined) event.targets = targets.map((target) => ({ type: "unknown", ...target }));
  if (built.changes !== undefined) event.changes = changes;
  nameAction(event, String(built.action), prefix);
  event.actor = person(built.actor) ?? { type: "system" };
  const behalf = person(built.onBehalfOf);
  if (behalf) event.onBehalfOf = behalf;
  else delete event.onBehalfOf;
  const { ip, ...origin } = (built.origin ?? {}) as { [key: string]: Json };
  const address = typeof ip === "string" ? normaliseIp(ip) : null;
  event.origin = { ...origin, ip: address };
  if (typeof ip === "string" && address === null) setAt(event, ["details", "source"], ip);
  // The log checks the rest, as of an event that comes by HTTP.
  return event as unknown as EventInput;
}

/** Our name for what the row calls it, with the outcome that the name implies; the row's own name is kept. */
function nameAction(event: { [key: string]: Json }, name: string, prefix: string | undefined): void {
  const { action, outcome, reason } = namedAction(name, prefix);
  event.action = action;
  if (outcome !== undefined) event.outcome ??= outcome;
  if (reason !== undefined && event.outcome !== "success") event.reason ??= reason;
  if (action !== name) setAt(event, ["details", "sourceAction"], name);
}

function idOf(given: string | undefined, at: number, row: string[], occurrences: Occurrences): string {
  if (given !== undefined) return uuid.test(given) ? given.toLowerCase() : contentId(at, `csv\nid\n${given}`);
  const content = JSON.stringify(row);
  return contentId(at, `csv\n${content}\n${occurrences.next(content, at)}`);
}

function listed(members: Json | undefined): { [key: string]: Json }[] {
  if (typeof members !== "object" || members === null) return [];
  return Object.entries(members)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, member]) => member as { [key: string]: Json });
}

/** Someone with an id, a name or an address; a type alone is somebody only if it says so by itself. */
function person(value: Json | undefined): { [key: string]: Json } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const known = value.id !== undefined || value.name !== undefined || value.email !== undefined;
  if (known) return { type: "user", ...value };
  return value.type === "system" || value.type === "anonymous" ? value : undefined;
}
