import { createHash } from "node:crypto";
import type { EventRow } from "@daybook/server/record/event-row.ts";
import { saltsFor } from "@daybook/server/record/leaf.ts";
import { type PreparedEvent, prepared } from "@daybook/server/record/prepare.ts";
import { termsOf } from "@daybook/server/record/terms.ts";

const START_MS = Date.UTC(2026, 8, 1);
const EVERY_MS = 7_000;

const verbs: readonly [action: string, kind: number, severity: number][] = [
  ["auth.login", 1, 0],
  ["server.power.restart", 1, 0],
  ["server.suspended", 2, 2],
  ["user.updated", 2, 1],
  ["payment.received", 0, 0],
  ["backup.completed", 0, 0],
  ["file.deleted", 1, 1],
];
const people = ["Dana Möller", "Lee Chen", "Sam O'Neil", "Ana Lucía", 'Kim "K" Park', "Βασίλης"];
const agents: readonly [userAgent: string, browser: string, os: string][] = [
  ["Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox 143", "Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Chrome 141",
    "Windows 10",
  ],
];
const networks: readonly [country: string, asn: number, network: string][] = [
  ["DE", 24_940, "Hetzner Online GmbH"],
  ["NL", 60_781, "LeaseWeb Netherlands B.V."],
];

/** A prepared event together with its row. */
export interface SampleEvent extends PreparedEvent {
  row: EventRow;
}

/**
 * Event `number` (from 0) of an invented log, ready to append: the same number gives the same event. All columns are
 * in use; which ones are empty changes from event to event.
 */
export function sampleEvent(number: number, workspace = "main", changes: Partial<EventRow> = {}): SampleEvent {
  const pick = <T>(list: readonly T[], stride = 1): T => list[Math.floor(number / stride) % list.length] as T;
  const [action, kind, severity] = pick(verbs);
  const [userAgent, browser, os] = pick(agents, 3);
  const [country, asn, network] = pick(networks, 2);
  const person = pick(people, 2);
  const random = createHash("sha512").update(`${number}`).digest("hex");
  const login = action === "auth.login";
  const row: EventRow = {
    seq: 0,
    id: `${(START_MS + number * EVERY_MS)
      .toString(16)
      .padStart(12, "0")
      .replace(/(.{8})/, "$1-")}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`,
    occurredAtMs: START_MS + number * EVERY_MS + (number % 997),
    recordedAtMs: START_MS + number * EVERY_MS + (number % 997) + 40,
    kind,
    severity,
    outcome: number % 11 === 0 ? 1 : 0,
    actorType: kind === 0 ? 3 : number % 2,
    auth: kind === 0 ? null : 0,
    asn: kind === 0 ? null : asn,
    action,
    category: action.slice(0, action.indexOf(".")),
    reason: number % 11 === 0 ? "invalid_password" : null,
    project: number % 3 === 0 ? `p-${number % 40}` : null,
    actorId: kind === 0 ? null : `${number % 500}`,
    actorName: kind === 0 ? null : person,
    actorEmail: kind === 0 ? null : `user${number % 500}@acme.example`,
    onBehalfOf: number % 13 === 0 ? '{"id":"77","name":"Lee","type":"user"}' : null,
    targetType: login ? null : "server",
    targetId: login ? null : `srv-${number % 300}`,
    targetName: login ? null : `mc-${number % 300}`,
    targetOwnerId: number % 2 === 0 && !login ? `${number % 90}` : null,
    moreTargets: number % 17 === 0 && !login ? '[{"id":"n1","type":"node"}]' : null,
    ip:
      kind === 0
        ? null
        : number % 5 === 0
          ? `2001:db8::${(number % 999) + 1}`
          : `203.0.${number % 113}.${number % 250}`,
    country: kind === 0 ? null : country,
    network: kind === 0 ? null : network,
    browser: kind === 0 ? null : browser,
    os: kind === 0 ? null : os,
    sessionId: kind === 0 ? null : `s-${random.slice(0, 20)}`,
    requestId: number % 6 === 0 ? null : `r-${random.slice(20, 40)}`,
    summary: `${person} did ${action} on mc-${number % 300}`,
    changes: number % 4 === 0 ? `[{"field":"memoryMb","new":${number % 4096},"old":1024}]` : null,
    details:
      number % 4 < 3 ? `{"note":"tab\\tand \\"quotes\\"","path":"C:\\\\srv\\\\${number % 70}","size":${number}}` : null,
    userAgent: kind === 0 ? null : userAgent,
    salts: "",
    terms: [],
    ...changes,
  };
  row.salts = changes.salts ?? saltsFor(row, random);
  row.terms = changes.terms ?? termsOf(row);
  return { row, ...prepared(row, workspace, { ownId: true, timeFromServer: false, redactions: new Map() }) };
}

/** Events `from` to `from + count - 1` of the invented log. */
export function sampleEvents(count: number, from = 0, workspace = "main"): SampleEvent[] {
  return Array.from({ length: count }, (_, index) => sampleEvent(from + index, workspace));
}
