import { actorTypes, authMethods, kinds, outcomes, severities } from "../event.ts";

/** How the values of a key are read. */
export type ValueKind = "text" | "choice" | "address" | "country" | "asn" | "uuid" | "number" | "time";

export interface KeyDefinition {
  reads: ValueKind;
  doc: string;
  /** An example as it is typed. */
  example: string;
  /** All values there are, for a choice; likely ones for a text. */
  values?: readonly string[];
  /** Takes `>=`, `>`, `<=`, `<` besides `:`. */
  ordered?: true;
}

/** Every key of the query language. `details` is followed by a path. */
export const queryKeys = {
  actor: {
    reads: "text",
    doc: "Who acted: id, name, e-mail address, type, or type/id.",
    example: "actor:dana@acme.example",
    values: actorTypes,
  },
  action: { reads: "text", doc: "What was done, e.g. server.suspended.", example: "action:server.*" },
  target: {
    reads: "text",
    doc: "What was acted on, any of the targets: id, name, type, or type/id.",
    example: "target:server/srv-1",
  },
  party: {
    reads: "text",
    doc: "Who or what took part: the actor, the one acted for, or any target; as for actor.",
    example: "party:user/77",
    values: actorTypes,
  },
  owner: { reads: "text", doc: "The owner's id of any of the targets.", example: "owner:77" },
  ip: { reads: "address", doc: "An address, a CIDR block or an address with *.", example: "ip:203.0.113.0/24" },
  country: { reads: "country", doc: "Two-letter country code (ISO 3166-1).", example: "country:DE,NL" },
  asn: { reads: "asn", doc: "The number of the network (autonomous system).", example: "asn:24940" },
  network: { reads: "text", doc: "The name of the network.", example: "network:hetzner*" },
  outcome: { reads: "choice", doc: "Whether it worked.", example: "outcome:failure", values: outcomes },
  kind: { reads: "choice", doc: "Who it concerns.", example: "kind:administrative", values: kinds },
  category: { reads: "text", doc: "The category of the action.", example: "category:payment" },
  severity: {
    reads: "choice",
    doc: "How grave it is.",
    example: "severity>=high",
    values: severities,
    ordered: true,
  },
  project: { reads: "text", doc: "The project's id.", example: "project:p-9" },
  session: { reads: "text", doc: "The session's id.", example: "session:s-41" },
  request: { reads: "text", doc: "The request's id.", example: "request:r-7f3" },
  field: { reads: "text", doc: "A field that was changed.", example: "field:memoryMb" },
  details: {
    reads: "text",
    doc: "A value in the details, by its path; of a list any element.",
    example: "details.reason:chargeback",
  },
  reason: { reads: "text", doc: "Why it failed or was done.", example: "reason:invalid_password" },
  auth: { reads: "choice", doc: "How the actor was signed in.", example: "auth:api_key", values: authMethods },
  browser: { reads: "text", doc: "The browser.", example: "browser:firefox" },
  os: { reads: "text", doc: "The operating system.", example: "os:linux" },
  behalf: {
    reads: "text",
    doc: "On whose behalf (impersonation): id, name, e-mail address, type, or type/id.",
    example: "behalf:user/77",
    values: actorTypes,
  },
  id: { reads: "uuid", doc: "The event's id.", example: "id:0198f0c2-5b1e-7cc3-8a57-0d7e6f2b9a10" },
  seq: { reads: "number", doc: "The event's place in the log.", example: "seq:100..200", ordered: true },
  created: {
    reads: "time",
    doc: "When it happened: a date, a range of dates or a time, in UTC.",
    example: "created:2026-11-01..2026-11-20",
    ordered: true,
  },
} as const satisfies Record<string, KeyDefinition>;

export type QueryKey = keyof typeof queryKeys;

export const queryKeyNames = Object.keys(queryKeys) as QueryKey[];

/** What is known of a key. */
export const keyDefinition = (key: QueryKey): KeyDefinition => queryKeys[key];

/** One line of the completion list and of the reference. */
export interface KeyDescription {
  key: QueryKey;
  /** What is typed to begin: `actor:`, `details.`, `severity>=`. */
  starts: readonly string[];
  doc: string;
  example: string;
  values: readonly string[];
}

/** Every key with its meaning and, where they are known, its values: for completion, docs and the console. */
export function describeKeys(): KeyDescription[] {
  return queryKeyNames.map((key) => {
    const definition = keyDefinition(key);
    const starts =
      key === "details"
        ? ["details."]
        : definition.ordered === true
          ? [`${key}:`, `${key}>=`, `${key}<=`]
          : [`${key}:`];
    return { key, starts, doc: definition.doc, example: definition.example, values: definition.values ?? [] };
  });
}

/** Words that people type for a key, besides misspellings: only for "Did you mean …?". */
export const keyHints: Readonly<Record<string, QueryKey>> = {
  user: "actor",
  who: "actor",
  by: "actor",
  email: "actor",
  type: "action",
  event: "action",
  verb: "action",
  resource: "target",
  object: "target",
  server: "target",
  host: "target",
  address: "ip",
  cidr: "ip",
  geo: "country",
  as: "asn",
  isp: "network",
  status: "outcome",
  result: "outcome",
  success: "outcome",
  level: "severity",
  priority: "severity",
  change: "field",
  changed: "field",
  detail: "details",
  data: "details",
  error: "reason",
  agent: "browser",
  impersonated: "behalf",
  date: "created",
  time: "created",
  at: "created",
  when: "created",
  since: "created",
  before: "created",
  after: "created",
  from: "created",
};

/** The same for values of choices. */
export const valueHints: Readonly<Record<string, string>> = {
  ok: "success",
  succeeded: "success",
  successful: "success",
  failed: "failure",
  error: "failure",
  refused: "denied",
  forbidden: "denied",
  warning: "medium",
  apikey: "api_key",
};
