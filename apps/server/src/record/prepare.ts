import {
  type Actor,
  actorTypes,
  authMethods,
  type EventInput,
  type Fault,
  kinds,
  limits,
  outcomes,
  severities,
  type Target,
} from "@daybook/contract";
import type { ActionBook, ResolvedAction } from "./actions.ts";
import { canonicalJson } from "./canonical-json.ts";
import { eventFaults } from "./event-check.ts";
import { newId, randomHex } from "./event-id.ts";
import type { EventRow } from "./event-row.ts";
import { occurredAtOf } from "./event-time.ts";
import { encodeTuple } from "./event-tuple.ts";
import { leafHashOf, saltsFor } from "./leaf.ts";
import { normaliseIp } from "./origin/client-ip.ts";
import type { OriginLookup } from "./origin/origin.ts";
import { redactEvent } from "./redaction.ts";
import type { RedactionBook } from "./redaction-book.ts";
import { termsOf } from "./terms.ts";

/** Who sent the event: the API key or process, and where it came from. */
export interface Sender {
  keyId?: string | undefined;
  keyName?: string | undefined;
  ip?: string | undefined;
  userAgent?: string | undefined;
}

/**
 * An event that only lacks its place in the log: its row as COPY takes it, and of its values those that are asked for
 * on the way. Small, because thousands wait at a time: what they hold, the garbage collector walks through.
 */
export interface PreparedEvent {
  id: string;
  occurredAtMs: number;
  /** What is counted on write, as the row has it. */
  outcome: number;
  kind: number;
  severity: number;
  action: string;
  category: string;
  country: string | null;
  /** The client chose the id, so it may be a repetition. */
  ownId: boolean;
  /** The server had to set `occurredAt`: a repetition is looked for by id alone. */
  timeFromServer: boolean;
  leafHash: string;
  /** The row; see event-tuple.ts. */
  tuple: Buffer;
  /** Redactions by rule. */
  redactions: ReadonlyMap<string, number>;
}

export interface PrepareParts {
  actions: ActionBook;
  origin: Pick<OriginLookup, "locate" | "browser" | "ready">;
  redaction: Pick<RedactionBook, "of">;
}

/** Workspace as the record knows it. */
export interface WorkspaceRef {
  id: number;
  slug: string;
}

/**
 * Takes one event from outside to a row that is ready for the log.
 *  1. Check it against the contract.
 *  2. Redact secrets: nothing after this sees them.
 *  3. Add the origin, the action's meaning and the sentence.
 *  4. Make the row, its search terms and its leaf hash.
 */
export function prepareEvent(
  parts: PrepareParts,
  workspace: WorkspaceRef,
  value: unknown,
  sender: Sender,
  nowMs: number,
): PreparedEvent | { faults: Fault[] } {
  const faults = eventFaults(value);
  if (faults.length > 0) return { faults };
  const input = value as EventInput;
  const time = occurredAtOf(input, nowMs);
  if ("fault" in time) return { faults: [time.fault] };
  const ip = ipOf(input, sender);
  if (ip === undefined) {
    return {
      faults: [
        {
          pointer: "/origin/ip",
          code: "invalid",
          message: "must be an IPv4 or IPv6 address, or null when it is unknown",
        },
      ],
    };
  }
  const whole = attributed(input, sender);
  const action = parts.actions.resolve(workspace.id, input.action, whole.actor?.type);
  const { event, counts } = redactEvent(whole, parts.redaction.of(workspace.id), action.sensitive);
  const row = rowOf(event, { occurredAtMs: time.ms, recordedAtMs: nowMs, ip, parts, action });
  return prepared(row, workspace.slug, {
    ownId: input.id !== undefined,
    timeFromServer: time.from === "server",
    redactions: counts,
  });
}

/** A complete row (salts and terms included) as the appender takes it. */
export function prepared(
  row: EventRow,
  workspace: string,
  origin: Pick<PreparedEvent, "ownId" | "timeFromServer" | "redactions">,
): PreparedEvent {
  return {
    id: row.id,
    occurredAtMs: row.occurredAtMs,
    outcome: row.outcome,
    kind: row.kind,
    severity: row.severity,
    action: row.action,
    category: row.category,
    country: row.country,
    ownId: origin.ownId,
    timeFromServer: origin.timeFromServer,
    leafHash: leafHashOf(row, workspace),
    tuple: encodeTuple(row),
    redactions: origin.redactions,
  };
}

/** The event's own address, else the sender's; null is unknown, undefined is no address at all. */
function ipOf(input: EventInput, sender: Sender): string | null | undefined {
  const own = input.origin?.ip;
  if (own === null) return null;
  if (own !== undefined) return own === "" ? null : (normaliseIp(own) ?? undefined);
  return sender.ip ?? null;
}

/** Without an actor, it is the key that writes; without an origin, the sender's program is what came. */
function attributed(input: EventInput, sender: Sender): EventInput {
  if (input.actor !== undefined && (input.origin !== undefined || sender.userAgent === undefined)) return input;
  const event = { ...input };
  if (event.origin === undefined && sender.userAgent !== undefined) event.origin = { userAgent: sender.userAgent };
  if (event.actor === undefined) {
    event.actor = sender.keyId === undefined ? { type: "system" } : { type: "api_key", id: sender.keyId };
    if (sender.keyName !== undefined) event.actor.name = sender.keyName;
  }
  return event;
}

interface RowContext {
  occurredAtMs: number;
  recordedAtMs: number;
  ip: string | null;
  parts: PrepareParts;
  action: ResolvedAction;
}

function rowOf(event: EventInput, context: RowContext): EventRow {
  const { parts, ip, action } = context;
  const [main, ...others] = event.targets ?? [];
  const userAgent = plain(event.origin?.userAgent);
  const place = ip === null ? {} : parts.origin.locate(ip);
  const agent = userAgent === null ? {} : parts.origin.browser(userAgent);
  const row: EventRow = {
    seq: 0,
    id: event.id?.toLowerCase() ?? newId(context.recordedAtMs),
    occurredAtMs: context.occurredAtMs,
    recordedAtMs: context.recordedAtMs,
    kind: kinds.indexOf(action.kind),
    severity: severities.indexOf(action.severity),
    outcome: outcomes.indexOf(event.outcome ?? action.outcome ?? "success"),
    actorType: actorTypes.indexOf(event.actor?.type ?? "system"),
    auth: event.origin?.auth === undefined ? null : authMethods.indexOf(event.origin.auth),
    asn: place.asn ?? null,
    action: action.action,
    category: action.category,
    reason: plain(event.reason ?? (event.outcome === undefined ? action.reason : undefined)),
    project: plain(event.project),
    actorId: plain(event.actor?.id),
    actorName: plain(event.actor?.name),
    actorEmail: plain(event.actor?.email),
    onBehalfOf: event.onBehalfOf === undefined ? null : canonicalJson(cleanMembers(event.onBehalfOf)),
    targetType: plain(main?.type),
    targetId: plain(main?.id),
    targetName: plain(main?.name),
    targetOwnerId: plain(main?.ownerId),
    moreTargets: others.length === 0 ? null : canonicalJson(others.map(cleanMembers)),
    ip,
    country: place.country ?? null,
    network: place.network ?? null,
    browser: agent.browser ?? null,
    os: agent.os ?? null,
    sessionId: plain(event.origin?.sessionId),
    requestId: plain(event.origin?.requestId),
    summary: plain(parts.actions.sentence(action, event)) ?? "",
    changes: event.changes === undefined || event.changes.length === 0 ? null : canonicalJson(event.changes as object),
    details: detailsOf(event, action.action),
    userAgent,
    salts: "",
    terms: [],
  };
  row.salts = saltsFor(row, randomHex(64));
  row.terms = termsOf(row);
  return row;
}

/** An action under another panel's name keeps that name. */
function detailsOf(event: EventInput, action: string): string | null {
  if (event.action === action) return event.details === undefined ? null : canonicalJson(event.details);
  const details = event.details ?? {};
  const own = typeof details === "object" && !Array.isArray(details) && details !== null ? details : { value: details };
  return canonicalJson({ sourceAction: event.action, ...own });
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: PostgreSQL text cannot hold NUL
const unstorable = /\u0000/g;

/** Text that PostgreSQL can hold and that has one UTF-8 form: no NUL, no lone surrogates; both become U+FFFD. */
function plain(text: string | undefined | null): string | null {
  if (text === undefined || text === null || text === "") return null;
  const whole = text.isWellFormed() ? text : text.toWellFormed();
  const cut =
    whole.length > limits.userAgentLengthMax ? whole.slice(0, limits.userAgentLengthMax).toWellFormed() : whole;
  return cut.includes("\u0000") ? cut.replace(unstorable, "\uFFFD") : cut;
}

function cleanMembers<T extends Actor | Target>(value: T): T {
  const clean: Record<string, string> = {};
  for (const [key, text] of Object.entries(value)) {
    const stored = plain(text as string);
    if (stored !== null) clean[key] = stored;
  }
  return clean as T;
}
