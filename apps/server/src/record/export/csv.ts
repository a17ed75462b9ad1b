import {
  type Actor,
  actorTypes,
  authMethods,
  type Change,
  type Json,
  kinds,
  outcomes,
  severities,
} from "@daybook/contract";
import { MASK, maskChange, maskJson } from "../personal.ts";

/** One column of a CSV export: its name in the header line, the SQL that gives its text, and how the text is shown. */
interface Column {
  name: string;
  sql: string;
  show?: (text: string) => string;
}

const milliseconds = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;
const time = (text: string): string => new Date(Number(text)).toISOString();
const named =
  (names: readonly string[]) =>
  (code: string): string =>
    names[Number(code)] ?? code;

const columns: readonly Column[] = [
  { name: "seq", sql: "seq" },
  { name: "occurredAt", sql: milliseconds("occurred_at"), show: time },
  { name: "id", sql: "id" },
  { name: "recordedAt", sql: milliseconds("recorded_at"), show: time },
  { name: "action", sql: "action" },
  { name: "category", sql: "category" },
  { name: "kind", sql: "kind", show: named(kinds) },
  { name: "severity", sql: "severity", show: named(severities) },
  { name: "outcome", sql: "outcome", show: named(outcomes) },
  { name: "reason", sql: "reason" },
  { name: "summary", sql: "summary" },
  { name: "actorType", sql: "actor_type", show: named(actorTypes) },
  { name: "actorId", sql: "actor_id" },
  { name: "actorName", sql: "actor_name" },
  { name: "actorEmail", sql: "actor_email" },
  { name: "onBehalfOf", sql: "on_behalf_of", show: partyText },
  { name: "targetType", sql: "target_type" },
  { name: "targetId", sql: "target_id" },
  { name: "targetName", sql: "target_name" },
  { name: "targetOwnerId", sql: "target_owner_id" },
  { name: "otherTargets", sql: "more_targets" },
  { name: "project", sql: "project" },
  { name: "ip", sql: "host(ip)" },
  { name: "country", sql: "country" },
  { name: "asn", sql: "asn" },
  { name: "network", sql: "network" },
  { name: "auth", sql: "auth", show: named(authMethods) },
  { name: "browser", sql: "browser" },
  { name: "os", sql: "os" },
  { name: "userAgent", sql: "user_agent" },
  { name: "sessionId", sql: "session_id" },
  { name: "requestId", sql: "request_id" },
  { name: "changes", sql: "changes" },
  { name: "details", sql: "details" },
];

const whether = (column: string): string => `case when ${column} is not null then '${MASK}' end`;
const maskedText = (column: string): Pick<Column, "sql"> => ({ sql: `mask_personal(${column})` });
const maskedList = (mask: (value: Json) => Json) => (json: string) => JSON.stringify(mask(JSON.parse(json) as Json));

/** The columns that differ for those who may not see personal data, see `maskEvent`. */
const masked: Readonly<Record<string, Partial<Column>>> = {
  reason: maskedText("reason"),
  summary: maskedText("summary"),
  actorId: maskedText("actor_id"),
  actorName: maskedText("actor_name"),
  actorEmail: { sql: whether("actor_email") },
  onBehalfOf: { show: (json) => partyText(maskedList(maskJson)(json)) },
  targetId: maskedText("target_id"),
  targetName: maskedText("target_name"),
  targetOwnerId: maskedText("target_owner_id"),
  otherTargets: { show: maskedList(maskJson) },
  ip: { sql: whether("ip") },
  userAgent: { sql: whether("user_agent") },
  sessionId: { sql: whether("session_id") },
  changes: { show: (json) => JSON.stringify((JSON.parse(json) as Change[]).map(maskChange)) },
  details: { show: maskedList(maskJson) },
};
const maskedColumns: readonly Column[] = columns.map((column) => ({ ...column, ...masked[column.name] }));
const columnsFor = (personal: boolean): readonly Column[] => (personal ? columns : maskedColumns);

/** RFC 4180: fields with commas, quotes or line breaks are quoted, lines end with CR LF. */
export const csvHeader = `${columns.map(({ name }) => name).join(",")}\r\n`;

/** What a line is made of; the first two are the event's place: seq, and milliseconds of its time. */
export const csvSelect = (personal: boolean): string =>
  columnsFor(personal)
    .map(({ sql }) => sql)
    .join(", ");

/** One event as a line, from the texts that `csvSelect` gives. Times are UTC; lists and details are JSON. */
export function csvLine(texts: readonly (string | null)[], personal: boolean): string {
  const columns = columnsFor(personal);
  let line = "";
  for (let index = 0; index < columns.length; index++) {
    const text = texts[index];
    if (index > 0) line += ",";
    if (text === null || text === undefined) continue;
    const show = columns[index]?.show;
    line += csvField(show === undefined ? text : show(text));
  }
  return `${line}\r\n`;
}

/**
 * What makes a spreadsheet take a text for a formula (OWASP, CSV injection); an apostrophe in front keeps it a text.
 * A text that looks guarded gets one more, so that taking one away always gives the text as it was.
 */
const formula = /^'*[=+\-@\t\r]/;
const quoted = /[",\r\n]/;

export function csvField(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return quoted.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function partyText(json: string): string {
  const { type, id, name, email } = JSON.parse(json) as Actor;
  return [id === undefined ? type : `${type}/${id}`, name, email].filter((part) => part !== undefined).join(" ");
}
