import {
  type Actor,
  actorTypes,
  authMethods,
  type Change,
  type Event,
  type Json,
  kinds,
  outcomes,
  severities,
  type Target,
} from "@daybook/contract";

/** One row of `event` as JavaScript holds it. JSON columns are text in RFC 8785 form; times are milliseconds UTC. */
export interface EventRow {
  seq: number;
  id: string;
  occurredAtMs: number;
  recordedAtMs: number;
  /** Index into `kinds`, `severities`, `outcomes`, `actorTypes`, `authMethods` of the contract. */
  kind: number;
  severity: number;
  outcome: number;
  actorType: number;
  auth: number | null;
  asn: number | null;
  action: string;
  category: string;
  reason: string | null;
  project: string | null;
  actorId: string | null;
  actorName: string | null;
  actorEmail: string | null;
  onBehalfOf: string | null;
  targetType: string | null;
  targetId: string | null;
  targetName: string | null;
  targetOwnerId: string | null;
  moreTargets: string | null;
  ip: string | null;
  country: string | null;
  network: string | null;
  browser: string | null;
  os: string | null;
  sessionId: string | null;
  requestId: string | null;
  summary: string;
  changes: string | null;
  details: string | null;
  userAgent: string | null;
  /** Hex, 4 x 16 bytes: who, whom, what, summary. */
  salts: string;
  terms: number[];
}

/** The columns after `workspace_id, seq`, in the order of the COPY lines. */
const columnFields: readonly [column: string, field: keyof EventRow][] = [
  ["id", "id"],
  ["occurred_at", "occurredAtMs"],
  ["recorded_at", "recordedAtMs"],
  ["kind", "kind"],
  ["severity", "severity"],
  ["outcome", "outcome"],
  ["actor_type", "actorType"],
  ["auth", "auth"],
  ["asn", "asn"],
  ["action", "action"],
  ["category", "category"],
  ["reason", "reason"],
  ["project", "project"],
  ["actor_id", "actorId"],
  ["actor_name", "actorName"],
  ["actor_email", "actorEmail"],
  ["on_behalf_of", "onBehalfOf"],
  ["target_type", "targetType"],
  ["target_id", "targetId"],
  ["target_name", "targetName"],
  ["target_owner_id", "targetOwnerId"],
  ["more_targets", "moreTargets"],
  ["ip", "ip"],
  ["country", "country"],
  ["network", "network"],
  ["browser", "browser"],
  ["os", "os"],
  ["session_id", "sessionId"],
  ["request_id", "requestId"],
  ["summary", "summary"],
  ["changes", "changes"],
  ["details", "details"],
  ["user_agent", "userAgent"],
  ["salts", "salts"],
  ["terms", "terms"],
];

/** Every column of `event`, in the order that COPY lines use. */
export const eventColumns: readonly string[] = ["workspace_id", "seq", ...columnFields.map(([column]) => column)];

const needsEscape = /[\\\t\n\r]/;
const escapes: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" };

function copyText(text: string | null): string {
  if (text === null) return "\\N";
  return needsEscape.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => escapes[character] ?? character) : text;
}

/** The time stamp of the last row's receipt: a batch has the same one. */
let lastTime = { ms: Number.NaN, text: "" };

function copyTime(ms: number): string {
  if (ms !== lastTime.ms) lastTime = { ms, text: new Date(ms).toISOString() };
  return lastTime.text;
}

const copyNumber = (value: number | null): string => (value === null ? "\\N" : `${value}`);

/** Everything of a COPY line (text format) after `workspace_id` and `seq`, which are known only under the head's lock. */
export function copyTail(row: EventRow): string {
  return `${row.id}\t${new Date(row.occurredAtMs).toISOString()}\t${copyTime(row.recordedAtMs)}\t${row.kind}\t${row.severity}\t${row.outcome}\t${row.actorType}\t${copyNumber(row.auth)}\t${copyNumber(row.asn)}\t${copyText(row.action)}\t${copyText(row.category)}\t${copyText(row.reason)}\t${copyText(row.project)}\t${copyText(row.actorId)}\t${copyText(row.actorName)}\t${copyText(row.actorEmail)}\t${copyText(row.onBehalfOf)}\t${copyText(row.targetType)}\t${copyText(row.targetId)}\t${copyText(row.targetName)}\t${copyText(row.targetOwnerId)}\t${copyText(row.moreTargets)}\t${copyText(row.ip)}\t${copyText(row.country)}\t${copyText(row.network)}\t${copyText(row.browser)}\t${copyText(row.os)}\t${copyText(row.sessionId)}\t${copyText(row.requestId)}\t${copyText(row.summary)}\t${copyText(row.changes)}\t${copyText(row.details)}\t${copyText(row.userAgent)}\t\\\\x${row.salts}\t{${row.terms.join(",")}}\n`;
}

const unescapes: Record<string, string> = { "\\": "\\", t: "\t", n: "\n", r: "\r", b: "\b", f: "\f", v: "\v" };

function uncopyText(text: string | undefined): string | null {
  if (text === undefined || text === "\\N") return null;
  return text.includes("\\") ? text.replace(/\\(.)/gs, (_, code: string) => unescapes[code] ?? code) : text;
}

const uncopyNumber = (text: string | undefined): number | null =>
  text === undefined || text === "\\N" ? null : Number(text);

/** Milliseconds of a PostgreSQL time stamp printed in UTC (`2026-11-20 10:11:12.345+00`); NaN if it is no such text. */
export function parsePostgresTime(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(10 + 1).replace(/\+00$/, "Z")}`);
}

/**
 * One line of `COPY (select eventColumns …) TO STDOUT` back into a row. The connection's time zone must be UTC.
 * Enumerations and times are taken as they stand: whoever proves the log must check them.
 */
export function decodeCopyLine(line: string): { workspaceId: number; row: EventRow } {
  const part = line.split("\t");
  const text = (index: number): string | null => uncopyText(part[index]);
  const terms = part[36] ?? "{}";
  const row: EventRow = {
    seq: Number(part[1]),
    id: part[2] ?? "",
    occurredAtMs: parsePostgresTime(part[3] ?? ""),
    recordedAtMs: parsePostgresTime(part[4] ?? ""),
    kind: Number(part[5]),
    severity: Number(part[6]),
    outcome: Number(part[7]),
    actorType: Number(part[8]),
    auth: uncopyNumber(part[9]),
    asn: uncopyNumber(part[10]),
    action: text(11) ?? "",
    category: text(12) ?? "",
    reason: text(13),
    project: text(14),
    actorId: text(15),
    actorName: text(16),
    actorEmail: text(17),
    onBehalfOf: text(18),
    targetType: text(19),
    targetId: text(20),
    targetName: text(21),
    targetOwnerId: text(22),
    moreTargets: text(23),
    ip: text(24),
    country: text(25),
    network: text(26),
    browser: text(27),
    os: text(28),
    sessionId: text(29),
    requestId: text(30),
    summary: text(31) ?? "",
    changes: text(32),
    details: text(33),
    userAgent: text(34),
    salts: (part[35] ?? "").slice(3),
    terms: terms.length > 2 ? terms.slice(1, -1).split(",").map(Number) : [],
  };
  return { workspaceId: Number(part[0]), row };
}

/** A row as node-postgres returns it (`select ${eventSelect} from event`) into an `EventRow`. */
export function rowFromPg(record: Record<string, unknown>): EventRow {
  const row: Record<string, unknown> = { seq: Number(record.seq) };
  for (const [column, field] of columnFields) {
    const value = record[column] ?? null;
    if (value instanceof Date) row[field] = value.getTime();
    else if (Buffer.isBuffer(value)) row[field] = value.toString("hex");
    else if (field === "asn" && value !== null) row[field] = Number(value);
    else row[field] = value;
  }
  return row as unknown as EventRow;
}

/** The select list that `rowFromPg` takes. */
export const eventSelect: string = ["seq", ...columnFields.map(([column]) => column)].join(", ");

/** All targets of a row, the main one first. */
export function targetsOf(row: EventRow): Target[] {
  if (row.targetType === null) return [];
  const main = { type: row.targetType, id: row.targetId ?? "" } as Target;
  if (row.targetName !== null) main.name = row.targetName;
  if (row.targetOwnerId !== null) main.ownerId = row.targetOwnerId;
  return row.moreTargets === null ? [main] : [main, ...(JSON.parse(row.moreTargets) as Target[])];
}

/** The event as the API gives it. */
export function toEvent(row: EventRow): Event {
  const actor = { type: actorTypes[row.actorType] ?? "system" } as Actor;
  if (row.actorId !== null) actor.id = row.actorId;
  if (row.actorName !== null) actor.name = row.actorName;
  if (row.actorEmail !== null) actor.email = row.actorEmail;
  const event: Event = {
    seq: row.seq,
    id: row.id,
    occurredAt: new Date(row.occurredAtMs).toISOString(),
    recordedAt: new Date(row.recordedAtMs).toISOString(),
    action: row.action,
    category: row.category,
    kind: kinds[row.kind] ?? "system",
    severity: severities[row.severity] ?? "info",
    summary: row.summary,
    actor,
    targets: targetsOf(row),
    origin: originOf(row),
    outcome: outcomes[row.outcome] ?? "success",
  };
  if (row.onBehalfOf !== null) event.onBehalfOf = JSON.parse(row.onBehalfOf) as Actor;
  if (row.project !== null) event.project = row.project;
  if (row.reason !== null) event.reason = row.reason;
  if (row.changes !== null) event.changes = JSON.parse(row.changes) as Change[];
  if (row.details !== null) event.details = JSON.parse(row.details) as Json;
  return event;
}

function originOf(row: EventRow): Event["origin"] {
  const origin: Event["origin"] = {};
  if (row.ip !== null) origin.ip = row.ip;
  if (row.userAgent !== null) origin.userAgent = row.userAgent;
  if (row.sessionId !== null) origin.sessionId = row.sessionId;
  if (row.requestId !== null) origin.requestId = row.requestId;
  const auth = row.auth === null ? undefined : authMethods[row.auth];
  if (auth !== undefined) origin.auth = auth;
  if (row.country !== null) origin.country = row.country;
  if (row.asn !== null) origin.asn = row.asn;
  if (row.network !== null) origin.network = row.network;
  if (row.browser !== null) origin.browser = row.browser;
  if (row.os !== null) origin.os = row.os;
  return origin;
}
