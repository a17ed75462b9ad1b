import { AppError, type ViewerEvent, type ViewerFacet, viewerFacets } from "@daybook/contract";
import type { Pool } from "pg";
import { decodeCursor, encodeCursor, type Order, type Total } from "../search/cursor.ts";
import { readPage, readPageWith } from "../search/page.ts";
import { SearchPlan, type SearchScope } from "../search/plan.ts";
import { reading, SEARCH_MS_MAX } from "../search/reading.ts";
import { listTotal } from "../search/total.ts";
import type { ViewerAccess } from "./viewer-access.ts";

/** Events of a customer that facets are counted of: the newest ones. */
const FACET_EVENTS_MAX = 2_000;

export interface ViewerList {
  items: ViewerEvent[];
  nextCursor: string | null;
  total: Total;
}

/** One page of what the customer sees. Cursors are sealed for the token. Throws invalid_cursor, search_timeout. */
export async function listForViewer(
  db: Pool,
  { seal, show }: Pick<ViewerAccess, "seal" | "show">,
  scope: SearchScope,
  page: { order: Order; limit: number; cursor?: string | undefined },
): Promise<ViewerList> {
  const { order, limit } = page;
  const plan = new SearchPlan(scope);
  const cursor = page.cursor === undefined ? undefined : openCursor(seal, scope, order, page.cursor);
  const { rows, more, total } = await reading(db, SEARCH_MS_MAX, async (client) => {
    const found = await readPageWith(client, plan, { order, limit: limit + 1, after: cursor });
    const whole: Total = { value: found.length, relation: "eq" };
    const known = cursor?.total ?? (found.length > limit ? undefined : whole);
    return {
      rows: found.slice(0, limit),
      more: found.length > limit,
      total: known ?? (await listTotal(client, plan, limit + 1)),
    };
  });
  const last = rows.at(-1);
  const next =
    more && last !== undefined
      ? encodeCursor(scope, order, { occurredAtMs: last.occurredAtMs, seq: last.seq, total })
      : null;
  return { items: rows.map(show), nextCursor: next === null ? null : seal.seal(next), total };
}

function openCursor(seal: ViewerAccess["seal"], scope: SearchScope, order: Order, text: string) {
  const opened = seal.open(text);
  if (opened === undefined) throw new AppError("invalid_cursor", "The cursor is not one that this list gave out.");
  return decodeCursor(scope, order, opened);
}

/** One event; the same error for one that is not in sight as for one that does not exist. Throws not_found. */
export async function eventForViewer(
  db: Pool,
  { show }: Pick<ViewerAccess, "show">,
  scope: SearchScope,
  id: string,
): Promise<ViewerEvent> {
  const [row] = await readPage(db, new SearchPlan(scope), { order: "desc", limit: 1 });
  if (row === undefined) throw new AppError("not_found", `There is no event ${id}.`);
  return show(row);
}

export interface ViewerFacets {
  facets: Record<string, { value: string; label?: string; count: number }[]>;
  relation: Total["relation"];
}

/** The most frequent values among the customer's newest events, counted of what is shown. */
export async function facetsForViewer(
  db: Pool,
  { show, sight }: Pick<ViewerAccess, "show" | "sight">,
  scope: SearchScope,
  limit: number,
): Promise<ViewerFacets> {
  const rows = await readPage(db, new SearchPlan(scope), { order: "desc", limit: FACET_EVENTS_MAX + 1 });
  const counted = new Map(viewerFacets.map((facet) => [facet, new Map<string, { label?: string; count: number }>()]));
  for (const event of rows.slice(0, FACET_EVENTS_MAX).map(show)) {
    for (const facet of viewerFacets) {
      for (const [value, label] of valuesOf(event, facet)) {
        const known = counted.get(facet)?.get(value);
        if (known) known.count++;
        else counted.get(facet)?.set(value, { count: 1, ...(label === undefined ? {} : { label }) });
      }
    }
  }
  const facets: ViewerFacets["facets"] = {};
  for (const [facet, values] of counted) {
    if (facet === "actor" && sight.customer.hidden.has("actor")) continue;
    facets[facet] = [...values]
      .map(([value, { label, count }]) => ({ value, ...(label === undefined ? {} : { label }), count }))
      .sort((left, right) => right.count - left.count || (left.value < right.value ? -1 : 1))
      .slice(0, limit);
  }
  return { facets, relation: rows.length > FACET_EVENTS_MAX ? "gte" : "eq" };
}

/** The values of an event as its query finds them, each once, with a name to show. */
function valuesOf(event: ViewerEvent, facet: ViewerFacet): Map<string, string | undefined> {
  if (facet === "target") return new Map(event.targets.map(({ type, id, name }) => [`${type}/${id}`, name]));
  if (facet !== "actor") return new Map([[event[facet], undefined]]);
  const { actor } = event;
  if (actor === undefined) return new Map();
  const value = actor.id === undefined ? (actor.name ?? actor.type) : `${actor.type}/${actor.id}`;
  return new Map([[value, actor.name]]);
}
