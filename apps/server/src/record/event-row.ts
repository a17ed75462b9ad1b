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
