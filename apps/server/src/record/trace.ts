import {
  AppError,
  type Event,
  formatKeyValue,
  type Trace,
  type TraceReason,
  traceLimits,
  traceReasons,
} from "@daybook/contract";
import type { Pool } from "pg";
import type { Order } from "./search/cursor.ts";
import { listEvents } from "./search/list.ts";
import { type Searcher, scopeOf } from "./search/request.ts";

const MINUTE_MS = 60_000;

/**
 * An event with what belongs to it, oldest first: the events of the same request, of the same session around it, and what
 * the same actor did and what happened to the same target within `minutes`. Of each reason the nearest on both sides.
 * Throws not_found for an event that is not in sight.
 */
export async function traceEvent(db: Pool, searcher: Searcher, id: string, minutes: number): Promise<Trace> {
  const [event] = (await listEvents(db, scopeOf(searcher, { q: `id:${id}` }), "asc", 1)).items;
  if (event === undefined) throw new AppError("not_found", `There is no event ${id}.`);
  const items = new Map<string, Trace["items"][number]>([[event.id, { event, because: [] }]]);
  const cut: TraceReason[] = [];
  for (const reason of traceReasons) {
    const q = queryOf(event, reason, searcher);
    if (q === undefined) continue;
    const around = reason === "actor" || reason === "target" ? minutes : undefined;
    const found = await nearest(db, searcher, q, event, around);
    if (found.cut) cut.push(reason);
    for (const each of [event, ...found.events]) {
      const item = items.get(each.id) ?? { event: each, because: [] };
      if (!item.because.includes(reason)) item.because.push(reason);
      items.set(each.id, item);
    }
  }
  const sorted = [...items.values()].sort(
    (left, right) => place(left.event) - place(right.event) || left.event.seq - right.event.seq,
  );
  return { event, minutes, items: sorted, cut };
}

const place = (event: Event): number => Date.parse(event.occurredAt);

/** What finds the events of a reason; undefined when the event has none, or the caller may not look for it. */
function queryOf({ actor, targets, origin }: Event, reason: TraceReason, { sight }: Searcher): string | undefined {
  const [target] = targets;
  switch (reason) {
    case "request":
      return origin.requestId === undefined ? undefined : formatKeyValue("request", origin.requestId);
    case "session":
      return origin.sessionId === undefined || !sight.personal
        ? undefined
        : formatKeyValue("session", origin.sessionId);
    case "actor": {
      // The system is the actor of so much that its neighbours say nothing.
      if (actor.id !== undefined) return formatKeyValue("actor", `${actor.type}/${actor.id}`);
      const name = actor.email ?? actor.name;
      return name === undefined || actor.type === "system" || !sight.personal
        ? undefined
        : formatKeyValue("actor", name);
    }
    case "target":
      return target === undefined ? undefined : formatKeyValue("target", `${target.type}/${target.id}`);
  }
}

async function nearest(
  db: Pool,
  searcher: Searcher,
  q: string,
  event: Event,
  minutes: number | undefined,
): Promise<{ events: Event[]; cut: boolean }> {
  const at = place(event);
  const most = traceLimits.eventsOfAReasonMax;
  const side = async (order: Order): Promise<Event[]> => {
    const scope = scopeOf(searcher, { q });
    if (order === "desc") {
      scope.toMs = at + 1;
      if (minutes !== undefined) scope.fromMs = at - minutes * MINUTE_MS;
    } else {
      scope.fromMs = at;
      if (minutes !== undefined) scope.toMs = at + minutes * MINUTE_MS + 1;
    }
    // One more for the event itself, and one that tells whether there are still others.
    const { items } = await listEvents(db, scope, order, most + 2);
    return items.filter((each) => each.id !== event.id);
  };
  const [before, after] = await Promise.all([side("desc"), side("asc")]);
  return {
    events: [...before.slice(0, most), ...after.slice(0, most)],
    cut: before.length > most || after.length > most,
  };
}
