import { z } from "zod";
import { type Event, eventSchema } from "./event.ts";

/** Why an event stands in a trace. */
export const traceReasons = ["request", "session", "actor", "target"] as const;
export type TraceReason = (typeof traceReasons)[number];

export const traceLimits = {
  /** Minutes before and after for neighbours of the same actor or target. */
  minutesDefault: 10,
  minutesMax: 24 * 60,
  /** Events of one reason before the event, and as many after it. */
  eventsOfAReasonMax: 50,
} as const;

export const traceSchema = z.object({
  event: eventSchema,
  minutes: z.number().int(),
  items: z
    .array(z.object({ event: eventSchema, because: z.array(z.enum(traceReasons)) }))
    .describe("The event itself among them, oldest first."),
  cut: z.array(z.enum(traceReasons)).describe("Reasons of which only the nearest events are here."),
});

/** An event with what belongs to the same request, to the same session around it, and its neighbours. */
export interface Trace {
  event: Event;
  minutes: number;
  items: { event: Event; because: TraceReason[] }[];
  cut: TraceReason[];
}
