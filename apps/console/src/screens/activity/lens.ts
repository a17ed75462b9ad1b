import { type LogScreen, logScreenQueries } from "@daybook/contract";
import type { FacetField } from "../../api/events.ts";
import type { ColumnName } from "./table/columns.tsx";

/** The addresses of the log screens. */
export const logPaths = {
  activity: "/w/$workspace/activity",
  "audit-log": "/w/$workspace/audit-log",
  "server-logs": "/w/$workspace/server-logs",
  logins: "/w/$workspace/logins",
} as const satisfies Record<LogScreen, string>;

/** A filter that is used so often that it has a button of its own. */
export type QuickFilter =
  | { kind: "value"; key: "actor" | "action" | "target" | "ip"; name: string; types?: readonly string[] }
  | { kind: "switch"; name: string; term: string };

/** A look at the log: which events, and how they are shown. Every log screen is one component over one of these. */
export interface Lens {
  screen: LogScreen;
  title: string;
  /** The query that every event of the screen fulfils; empty for everything. */
  base: string;
  /** Shown until the reader chooses others. */
  columns: readonly ColumnName[];
  /** What columns are called here, where it is not what they are called elsewhere. */
  heads: Partial<Record<ColumnName, string>>;
  /** A row of two lines: what leads, and what stands below before the outcome. */
  narrow: { lead: ColumnName; under: readonly [ColumnName, ColumnName] };
  facets: readonly { field: FacetField; name: string }[];
  filters: readonly QuickFilter[];
  /** Other pages of the same subject. */
  tabs?: readonly { name: string; to: string }[];
  /** Offers files for an auditor. */
  evidence?: true;
  /** What the screen says when nothing was ever sent for it, with an event that would appear. */
  first: { title: string; text: string; event: object };
}

const dana = { type: "user", id: "42", name: "Dana Whitfield" };
const lobby = { type: "server", id: "srv-1", name: "mc-lobby-04", ownerId: "42" };

export const activity: Lens = {
  screen: "activity",
  title: "Activity",
  base: logScreenQueries.activity,
  columns: ["time", "who", "what", "target", "from", "outcome"],
  heads: {},
  narrow: { lead: "what", under: ["who", "from"] },
  facets: [
    { field: "outcome", name: "Outcome" },
    { field: "action", name: "Action" },
    { field: "actor", name: "Who" },
    { field: "target", name: "Target" },
    { field: "country", name: "Country" },
    { field: "ip", name: "Address" },
    { field: "kind", name: "Kind" },
  ],
  filters: [],
  first: {
    title: "Nothing has been sent yet",
    text: "Whatever your panel sends appears here at once: who did what, to what, from where, and whether it worked.",
    event: { action: "server.power.start", actor: dana, targets: [lobby] },
  },
};

export const auditLog: Lens = {
  screen: "audit-log",
  title: "Audit log",
  base: logScreenQueries["audit-log"],
  columns: ["time", "who", "what", "target", "change", "ip", "outcome"],
  heads: { what: "Act" },
  narrow: { lead: "what", under: ["who", "ip"] },
  facets: [
    { field: "actor", name: "Who" },
    { field: "action", name: "Action" },
    { field: "category", name: "Category" },
    { field: "outcome", name: "Outcome" },
    { field: "severity", name: "Severity" },
    { field: "target", name: "Target" },
    { field: "ip", name: "Address" },
  ],
  filters: [
    { kind: "value", key: "actor", name: "Actor" },
    { kind: "value", key: "action", name: "Action" },
    { kind: "switch", name: "Without reading", term: "-action:log.*" },
  ],
  evidence: true,
  first: {
    title: "No administrative act yet",
    text: "What staff do appears here: suspensions, changed prices, roles and settings, and who read the log. An act is administrative by its action, whoever sent it.",
    event: {
      action: "server.suspended",
      actor: { type: "staff", id: "7", name: "Dana Whitfield" },
      targets: [lobby],
      reason: "invoice_overdue",
    },
  },
};

export const serverLogs: Lens = {
  screen: "server-logs",
  title: "Server logs",
  base: logScreenQueries["server-logs"],
  columns: ["time", "target", "owner", "who", "what", "outcome", "change", "reason"],
  heads: { target: "Server", what: "Operation", outcome: "Result", reason: "Error" },
  narrow: { lead: "what", under: ["who", "reason"] },
  facets: [
    { field: "target", name: "Server" },
    { field: "outcome", name: "Result" },
    { field: "action", name: "Operation" },
    { field: "actor", name: "Who" },
    { field: "kind", name: "Kind" },
  ],
  filters: [
    { kind: "value", key: "target", name: "Server", types: ["server", "instance", "vm", "pod"] },
    { kind: "value", key: "action", name: "Operation" },
    { kind: "switch", name: "Power", term: "action:server.power.*,server.started,server.stopped,server.crashed" },
    { kind: "switch", name: "Backups", term: "action:server.backup.*,server.snapshot.*,backup.*" },
    { kind: "switch", name: "Only failed", term: "outcome:failure,denied" },
  ],
  first: {
    title: "Nothing of a server yet",
    text: "The life of every server appears here: creation, configuration, status, suspension, renewal, resources, moves between nodes, power, files and backups. An event belongs here when one of its targets is a server, an instance, a vm or a pod.",
    event: {
      action: "server.resources.updated",
      actor: { type: "staff", id: "7", name: "Dana Whitfield" },
      targets: [lobby],
      changes: [{ field: "memoryMb", old: 4096, new: 8192 }],
    },
  },
};

export const logins: Lens = {
  screen: "logins",
  title: "Logins",
  base: logScreenQueries.logins,
  columns: ["time", "who", "ip", "country", "network", "browser", "method", "outcome", "reason"],
  heads: { who: "User" },
  narrow: { lead: "who", under: ["from", "reason"] },
  facets: [
    { field: "outcome", name: "Outcome" },
    { field: "actor", name: "User" },
    { field: "ip", name: "Address" },
    { field: "country", name: "Country" },
  ],
  filters: [
    { kind: "value", key: "actor", name: "User" },
    { kind: "value", key: "ip", name: "IP address" },
    { kind: "switch", name: "Only failed", term: "outcome:failure,denied" },
  ],
  tabs: [
    { name: "All logins", to: "/w/$workspace/logins" },
    { name: "Brute force", to: "/w/$workspace/logins/brute-force" },
  ],
  first: {
    title: "No sign-in yet",
    text: "Every sign-in to your panel and its API appears here, also the failed ones: send auth.login with its outcome and reason.",
    event: {
      action: "auth.login",
      actor: dana,
      origin: {
        ip: "203.0.113.9",
        auth: "session",
        userAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Firefox/144.0",
      },
      outcome: "failure",
      reason: "invalid_password",
    },
  },
};
