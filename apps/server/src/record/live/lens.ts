import { compileQuery, type Event, formatQuery, type Query } from "@daybook/contract";
import { maskEvent, publicTexts } from "../personal.ts";
import { checkSearchable } from "../search/searchable.ts";
import { type Sight, sightKey } from "../sight.ts";

/** A new event of the log, as the reader holds it for all viewers. */
export interface LiveEvent {
  seq: number;
  event: Event;
  /** As those see it who see everything. */
  json: string;
}

/** What a viewer sees of new events: those that are in sight and match its query, in the form that is in sight. */
export interface Lens {
  /** Viewers with equal lenses share their messages. */
  readonly key: string;
  readonly sight: Sight;
  readonly query: Query;
  /** The event as JSON; undefined when it is not one of these. */
  show(item: LiveEvent): string | undefined;
  /** The id that the stream gives a place in the log. */
  idOf(seq: number): string;
}

/** The lens of staff and keys. Throws forbidden when the query asks for fields that are not in sight. */
export function staffLens(query: Query, sight: Sight): Lens {
  if (sight.customer !== undefined) throw new Error("what a customer sees is not made here");
  checkSearchable(query, sight);
  const { categories, personal } = sight;
  const matches = personal ? compileQuery(query) : compileQuery(query, publicTexts);
  const show = ({ event, json }: LiveEvent): string | undefined => {
    if (categories !== undefined && !categories.includes(event.category)) return undefined;
    if (personal) return matches(event) ? json : undefined;
    const masked = maskEvent(event);
    return matches(masked) ? JSON.stringify(masked) : undefined;
  };
  return { key: `${sightKey(sight)} ${formatQuery(query)}`, sight, query, show, idOf: String };
}
