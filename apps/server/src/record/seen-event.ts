import type { Event } from "@daybook/contract";
import { type EventRow, toEvent } from "./event-row.ts";
import { maskEvent } from "./personal.ts";
import type { Sight } from "./sight.ts";

/** A stored event as staff with this sight see it. Customers see less, in another form: `viewer/shown-event.ts`. */
export function seenEvent(row: EventRow, sight: Sight): Event {
  if (sight.customer !== undefined) throw new Error("what a customer sees is not made here");
  return sight.personal ? toEvent(row) : maskEvent(toEvent(row));
}
