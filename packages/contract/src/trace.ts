import { z } from "zod";
import { type Event, eventSchema } from "./event.ts";
import { type TraceReason, traceReasons } from "./trace-terms.ts";

export * from "./trace-terms.ts";

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
