import { Preference } from "./preference.ts";

/** The time zone that times are shown in: an IANA name, or "local" for the browser's. Times are stored and exported in UTC. */
export const zone = new Preference<string>("zone", "UTC");

export const localZone = new Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** The IANA name behind the choice. */
export function zoneName(choice: string): string {
  return choice === "local" ? localZone : choice;
}

/** What a table header says about the zone: "UTC", or the city. */
export function zoneLabel(choice: string): string {
  const name = zoneName(choice);
  return name.split("/").at(-1)?.replaceAll("_", " ") ?? name;
}

/** Every zone that the browser knows, UTC first. */
export function allZones(): string[] {
  return ["UTC", ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC")];
}

const partsFormats = new Map<string, Intl.DateTimeFormat>();

/** The wall clock of an instant in a zone. */
export function wallClock(ms: number, choice: string) {
  const name = zoneName(choice);
  let format = partsFormats.get(name);
  if (!format) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: name,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    partsFormats.set(name, format);
  }
  const parts: Record<string, number> = {};
  for (const part of format.formatToParts(ms)) parts[part.type] = Number(part.value);
  return {
    year: parts.year ?? 0,
    month: parts.month ?? 1,
    day: parts.day ?? 1,
    hour: parts.hour ?? 0,
    minute: parts.minute ?? 0,
    second: parts.second ?? 0,
  };
}

/** How far a zone is ahead of UTC at an instant, in milliseconds. */
export function zoneOffset(ms: number, choice: string): number {
  const at = wallClock(ms, choice);
  return Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) - Math.floor(ms / 1000) * 1000;
}

/** The instant of a wall-clock time ("2026-11-20T10:15", as `datetime-local` gives it) in a zone; null if it is none. */
export function instantOf(wall: string, choice: string): number | null {
  const asUtc = Date.parse(`${wall}Z`);
  if (Number.isNaN(asUtc)) return null;
  // The offset at the guess may be the one before a change of clocks: look again at the corrected instant.
  const first = asUtc - zoneOffset(asUtc, choice);
  return asUtc - zoneOffset(first, choice);
}

/** The other way: an instant as a `datetime-local` field wants it. */
export function wallText(ms: number, choice: string): string {
  return new Date(ms + zoneOffset(ms, choice)).toISOString().slice(0, 16);
}
