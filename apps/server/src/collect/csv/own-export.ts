import type { Actor, EventInput, Json, Target } from "@daybook/contract";
import type { RowFault } from "./row-event.ts";

/** What a spreadsheet would take for a formula carries an apostrophe in front (see record/export/csv.ts). */
const guarded = /^'(?='*[=+\-@\t\r])/;

/** Whether these are the columns of our own CSV export. */
export function isExportHeader(header: string[]): boolean {
  return ["id", "occurredAt", "action", "actorType", "details"].every((name) => header.includes(name));
}

/** Reads rows of our own CSV export back into events; what the server adds is left out. */
export class ExportRows {
  readonly #places: ReadonlyMap<string, number>;

  constructor(header: string[]) {
    this.#places = new Map(header.map((name, place) => [name, place]));
  }

  event(row: string[]): EventInput | RowFault {
    if (row.length !== this.#places.size)
      return { code: "column_count", message: `The row has ${row.length} cells, the header ${this.#places.size}.` };
    const cell = (name: string): string | undefined => {
      const text = row[this.#places.get(name) ?? -1]?.replace(guarded, "");
      return text === "" ? undefined : text;
    };
    try {
      const event = {
        ...given({
          id: cell("id"),
          occurredAt: cell("occurredAt"),
          action: cell("action"),
          outcome: cell("outcome"),
          reason: cell("reason"),
          project: cell("project"),
          onBehalfOf: partyOf(cell("onBehalfOf")),
          changes: json(cell("changes")),
          details: json(cell("details")),
        }),
        actor: given({
          type: cell("actorType"),
          id: cell("actorId"),
          name: cell("actorName"),
          email: cell("actorEmail"),
        }),
        targets: targetsOf(cell),
        origin: {
          ip: cell("ip") ?? null,
          ...given({
            userAgent: cell("userAgent"),
            sessionId: cell("sessionId"),
            requestId: cell("requestId"),
            auth: cell("auth"),
          }),
        },
      };
      // The log checks the rest, as of an event that comes by HTTP.
      return event as unknown as EventInput;
    } catch (error) {
      return { code: "invalid_json", message: `A cell that should be JSON is not: ${(error as Error).message}` };
    }
  }
}

function targetsOf(cell: (name: string) => string | undefined): Target[] {
  const main = given({
    type: cell("targetType"),
    id: cell("targetId"),
    name: cell("targetName"),
    ownerId: cell("targetOwnerId"),
  });
  const others = (json(cell("otherTargets")) ?? []) as unknown as Target[];
  return main.id === undefined ? others : [main as unknown as Target, ...others];
}

/** `user/77 Lee Chen lee@example.org`: type and id, then what is known of name and address. */
function partyOf(text: string | undefined): Actor | undefined {
  const match = /^([a-z_]+)(?:\/(\S+))?(?: (.*?))??(?: (\S+@\S+))?$/s.exec(text ?? "");
  if (!match) return undefined;
  const [, type, id, name, email] = match;
  return given({ type, id, name, email }) as unknown as Actor;
}

function json(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}

/** Without the members that are undefined: the contract wants them absent. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
