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
