import { z } from "zod";

/** What stands where a secret was. */
export const redacted = "[redacted]";

/** How often one rule redacted something on one day. */
export const redactionCountSchema = z.object({
  day: z.string().describe("UTC: 2026-11-20"),
  rule: z.string().describe("E.g. password, token, card_number, bearer, jwt."),
  redactions: z.number().int(),
});
