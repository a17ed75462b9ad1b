import { z } from "zod";

export * from "./attack-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");

/** Failed sign-ins of one address or one account. */
export const attackSchema = z.object({
  value: z.string().describe("The address, or the account as `actor:` finds it: type/id, e-mail address or name."),
  label: z.string().optional().describe("The account's name."),
  country: z.string().optional(),
  asn: z.number().int().optional(),
  network: z.string().optional(),
  failures: z.number().int(),
  denied: z.number().int().describe("How many of them were denied rather than wrong."),
  burst: z.number().int().describe("The most of them within `minutes`, both ends included."),
  firstAt: time,
  lastAt: time,
  others: z.number().int().describe("Distinct accounts tried by the address, or addresses that tried the account."),
  examples: z.array(z.string()).describe("Some of them, most tried first."),
  reachedAt: time.describe("When it had first failed `min` times within `minutes`."),
  succeededAt: time.optional().describe("The first successful sign-in after that."),
  succeededAs: z.string().optional().describe("Who that was, or from which address."),
  successId: z.string().optional().describe("The id of that event."),
});

export const attacksSchema = z.object({
  by: z.enum(["address", "account"]),
  from: time,
  to: time,
  min: z.number().int(),
  minutes: z.number().int(),
  items: z.array(attackSchema).describe("Those that succeeded first, then by failures, then by value."),
  groups: z.number().int().describe("All addresses or accounts that failed so often."),
  failures: z.number().int().describe("All failed sign-ins of the range."),
  succeeded: z.number().int().describe("How many of the groups then succeeded."),
});

export type Attack = z.infer<typeof attackSchema>;
export type Attacks = z.infer<typeof attacksSchema>;
