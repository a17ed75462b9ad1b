import { z } from "zod";
import { partyKinds } from "./party-terms.ts";

export * from "./party-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");

/** A count that is exact, or at least so many. */
export const totalSchema = z.object({ value: z.number().int(), relation: z.enum(["eq", "gte"]) });

/** The events of one role of a party: those that it did, those that happened to it. */
export const partyPartSchema = z.object({
  role: z.enum(["did", "suffered", "owned"]).describe("As actor; as target or the one acted for; on what it owns."),
  query: z.string().describe("Finds these events, in the query language."),
  total: totalSchema,
  byOutcome: z
    .object({ success: z.number().int(), failure: z.number().int(), denied: z.number().int() })
    .describe("Of the newest 10,000 when there are more."),
  firstAt: time.optional(),
  lastAt: time.optional(),
});

export const partyCountSchema = z.object({
  value: z.string().describe("As the query language takes it: actor and target as type/id."),
  label: z.string().optional(),
  count: z.number().int(),
});

export const partySchema = z.object({
  kind: z.enum(partyKinds),
  type: z.string().optional().describe("The type of the actor or target."),
  id: z.string().describe("The actor's or target's id, or the address."),
  name: z.string().optional().describe("The last name that the log has."),
  email: z.string().optional(),
  ownerId: z.string().optional(),
  country: z.string().optional().describe("ISO 3166-1 alpha-2"),
  asn: z.number().int().optional(),
  network: z.string().optional(),
  query: z.string().describe("Finds everything it took part in."),
  firstAt: time.optional(),
  lastAt: time.optional(),
  parts: z.array(partyPartSchema),
  days: z
    .array(z.object({ start: time, total: z.number().int(), failed: z.number().int() }))
    .describe("UTC days that have events, oldest first; failed counts failures and denials."),
  daysRelation: z.enum(["eq", "gte"]).describe("gte: of the newest events only."),
  frequent: z
    .object({
      action: z.array(partyCountSchema),
      actor: z.array(partyCountSchema),
      target: z.array(partyCountSchema),
      ip: z.array(partyCountSchema),
    })
    .describe("Among its newest 2,000 events."),
  related: z
    .array(partyCountSchema.extend({ kind: z.enum(partyKinds), because: z.enum(["address", "owner", "network"]) }))
    .describe("Others at the same addresses, with the same owner, or in the same network (/24, IPv6 /48)."),
});

export type Party = z.infer<typeof partySchema>;
export type PartyPart = z.infer<typeof partyPartSchema>;
export type PartyCount = z.infer<typeof partyCountSchema>;
