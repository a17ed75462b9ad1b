import {
  type Actor,
  type ActorType,
  type AuthMethod,
  actorTypes,
  authMethods,
  type Event,
  type Json,
  kinds,
  outcomes,
  severities,
  type Target,
} from "@daybook/contract";
import { canonicalJson } from "../canonical-json.ts";
import type { EventRow } from "../event-row.ts";

/**
 * The row of an event from what the API and exports give of it: the inverse of `toEvent`, as far as the leaf goes (the search
 * terms stay empty). Members that are not part of an event are passed over.
 */
export function rowFromEvent(event: Event, salts: string): EventRow {
  const { actor, origin } = event;
  const [main, ...others] = event.targets;
  return {
    seq: event.seq,
    id: event.id,
    occurredAtMs: Date.parse(event.occurredAt),
    recordedAtMs: Date.parse(event.recordedAt),
    kind: kinds.indexOf(event.kind),
    severity: severities.indexOf(event.severity),
    outcome: outcomes.indexOf(event.outcome),
    actorType: actorTypes.indexOf(actor.type as ActorType),
    auth: origin.auth === undefined ? null : authMethods.indexOf(origin.auth as AuthMethod),
    asn: origin.asn ?? null,
    action: event.action,
    category: event.category,
    reason: event.reason ?? null,
    project: event.project ?? null,
    actorId: actor.id ?? null,
    actorName: actor.name ?? null,
    actorEmail: actor.email ?? null,
    onBehalfOf: event.onBehalfOf === undefined ? null : canonicalJson(event.onBehalfOf satisfies Actor),
    targetType: main?.type ?? null,
    targetId: main?.id ?? null,
    targetName: main?.name ?? null,
    targetOwnerId: main?.ownerId ?? null,
    moreTargets: others.length === 0 ? null : canonicalJson(others satisfies Target[]),
    ip: origin.ip ?? null,
    country: origin.country ?? null,
    network: origin.network ?? null,
    browser: origin.browser ?? null,
    os: origin.os ?? null,
    sessionId: origin.sessionId ?? null,
    requestId: origin.requestId ?? null,
    summary: event.summary,
    changes: event.changes === undefined ? null : canonicalJson(event.changes),
    details: event.details === undefined ? null : canonicalJson(event.details as Json),
    userAgent: origin.userAgent ?? null,
    salts,
    terms: [],
  };
}
