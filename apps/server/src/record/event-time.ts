import type { EventInput, Fault } from "@daybook/contract";
import { limits } from "@daybook/contract";

/** Events before this are taken for a broken clock: no system that writes them had a log. */
const EARLIEST_MS = 0;

/** Milliseconds of an RFC 3339 time; NaN when there is no such day or hour. A leap second counts as the second before. */
export function parseTime(text: string): number {
  const normal = text.length === 24 && text.endsWith("Z") ? text : normalTime(text);
  const ms = Date.parse(normal);
  const day = Number(text.slice(8, 10));
  if (day > 28 && !Number.isNaN(ms)) {
    const daysInMonth = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
    if (day > daysInMonth) return Number.NaN;
  }
  return ms;
}

function normalTime(text: string): string {
  const zone = /([Zz]|[+-]\d\d:?\d\d)$/.exec(text)?.[0] ?? "Z";
  const fraction = /\.(\d{1,3})/.exec(text)?.[1] ?? "";
  const seconds = text.slice(17, 19) === "60" ? "59" : text.slice(17, 19);
  const offset = zone.length === 1 ? "Z" : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  return `${text.slice(0, 10)}T${text.slice(11, 17)}${seconds}.${fraction.padEnd(3, "0")}${offset}`;
}

/** The milliseconds inside a UUIDv7 (RFC 9562 5.7), or null for another version. */
export function timeOfId(id: string): number | null {
  if (id.charCodeAt(14) !== 55 /* "7" */) return null;
  return Number.parseInt(id.slice(0, 8), 16) * 65_536 + Number.parseInt(id.slice(9, 13), 16);
}

/** When an event occurred, and whether the client said so (`client`), its id did (`id`), or only we could (`server`). */
export function occurredAtOf(
  input: EventInput,
  nowMs: number,
): { ms: number; from: "client" | "id" | "server" } | { fault: Fault } {
  const fromId = input.id === undefined ? null : timeOfId(input.id);
  if (input.occurredAt === undefined && fromId === null) return { ms: nowMs, from: "server" };
  const ms = input.occurredAt === undefined ? (fromId ?? nowMs) : parseTime(input.occurredAt);
  const pointer = input.occurredAt === undefined ? "/id" : "/occurredAt";
  if (Number.isNaN(ms)) return { fault: { pointer, code: "invalid", message: "is a day or hour that does not exist" } };
  if (ms < EARLIEST_MS) return { fault: { pointer, code: "too_early", message: "is before 1970" } };
  if (ms > nowMs + limits.futureMs) {
    const message = `is ${Math.round((ms - nowMs) / 1000)} s ahead of this server's clock (${new Date(nowMs).toISOString()}); at most ${limits.futureMs / 1000} s are allowed (futureMs)`;
    return { fault: { pointer, code: "in_future", message } };
  }
  return { ms, from: input.occurredAt === undefined ? "id" : "client" };
}
