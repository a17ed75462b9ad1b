import { type Actor, actorTypes, authMethods, kinds, outcomes, severities } from "@daybook/contract";
import type { EventRow } from "../event-row.ts";

/** The columns of a CSV export, in order: the name in the header line and the value of a row. */
const columns: readonly [name: string, value: (row: EventRow) => string | number | null | undefined][] = [
  ["seq", (row) => row.seq],
  ["id", (row) => row.id],
  ["occurredAt", (row) => new Date(row.occurredAtMs).toISOString()],
  ["recordedAt", (row) => new Date(row.recordedAtMs).toISOString()],
  ["action", (row) => row.action],
  ["category", (row) => row.category],
  ["kind", (row) => kinds[row.kind]],
  ["severity", (row) => severities[row.severity]],
  ["outcome", (row) => outcomes[row.outcome]],
  ["reason", (row) => row.reason],
  ["summary", (row) => row.summary],
  ["actorType", (row) => actorTypes[row.actorType]],
  ["actorId", (row) => row.actorId],
  ["actorName", (row) => row.actorName],
  ["actorEmail", (row) => row.actorEmail],
  ["onBehalfOf", (row) => (row.onBehalfOf === null ? null : partyText(JSON.parse(row.onBehalfOf) as Actor))],
  ["targetType", (row) => row.targetType],
  ["targetId", (row) => row.targetId],
  ["targetName", (row) => row.targetName],
  ["targetOwnerId", (row) => row.targetOwnerId],
  ["otherTargets", (row) => row.moreTargets],
  ["project", (row) => row.project],
  ["ip", (row) => row.ip],
  ["country", (row) => row.country],
  ["asn", (row) => row.asn],
  ["network", (row) => row.network],
  ["auth", (row) => (row.auth === null ? null : authMethods[row.auth])],
  ["browser", (row) => row.browser],
  ["os", (row) => row.os],
  ["userAgent", (row) => row.userAgent],
  ["sessionId", (row) => row.sessionId],
  ["requestId", (row) => row.requestId],
  ["changes", (row) => row.changes],
  ["details", (row) => row.details],
];

/** RFC 4180: fields with commas, quotes or line breaks are quoted, lines end with CR LF. */
export const csvHeader = `${columns.map(([name]) => name).join(",")}\r\n`;

/** One event as a line. Times are UTC; lists and details are JSON. */
export function csvLine(row: EventRow): string {
  let line = "";
  for (const [index, [, value]] of columns.entries()) {
    if (index > 0) line += ",";
    const field = value(row);
    if (field !== null && field !== undefined) line += typeof field === "number" ? field : csvField(field);
  }
  return `${line}\r\n`;
}

/**
 * What makes a spreadsheet take a text for a formula (OWASP, CSV injection); an apostrophe in front keeps it a text. One that
 * looks guarded already gets another, so that reading the file back gives the same text.
 */
const formula = /^'*[=+\-@\t\r]/;

export function csvField(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const partyText = ({ type, id, name, email }: Actor): string =>
  [id === undefined ? type : `${type}/${id}`, name, email].filter((part) => part !== undefined).join(" ");
