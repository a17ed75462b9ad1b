import { z } from "zod";
import { limits } from "./limits.ts";
import { densities, logScreens, viewLimits } from "./view-terms.ts";

export * from "./view-terms.ts";

const time = z.string().describe("RFC 3339, UTC, milliseconds");
const columnName = z.string().regex(/^[a-z]{1,40}$/, "is not the name of a column");

/** What a view shows: the part of a log screen's address that is worth keeping. */
export const viewSearchSchema = z.strictObject({
  q: z.string().max(limits.queryLengthMax).optional().describe("A query in the query language."),
  range: z.enum(["24h", "7d", "30d", "90d", "all"]).optional().describe("A range that ends now; left out, 7d."),
  from: z.iso.datetime({ offset: true }).optional().describe("With `from` or `to` the range is a fixed one."),
  to: z.iso.datetime({ offset: true }).optional(),
  order: z.enum(["asc"]).optional().describe("Left out, the newest come first."),
  columns: z.array(columnName).min(1).max(viewLimits.columnsMax).optional().describe("Left out, the reader's own."),
});

const viewName = z.string().trim().min(1).max(viewLimits.nameLengthMax);

export const savedViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  screen: z.enum(logScreens),
  search: viewSearchSchema,
  shared: z.boolean().describe("Whether everybody in the workspace sees it."),
  own: z.boolean().describe("Whether it is the caller's."),
  savedBy: z.string().describe("The name of the person who saved it."),
  createdAt: time,
  updatedAt: time,
});

export const newViewSchema = z.strictObject({
  name: viewName,
  screen: z.enum(logScreens),
  search: viewSearchSchema,
  shared: z.boolean().default(false),
});

export const viewChangeSchema = z
  .strictObject({ name: viewName.optional(), search: viewSearchSchema.optional(), shared: z.boolean().optional() })
  .refine((change) => Object.keys(change).length > 0, "Name at least one of name, search and shared.");

/** How a person likes the console; kept with the person, the same in every browser. */
export const displayChoicesSchema = z.strictObject({
  theme: z.enum(["system", "light", "dark"]).optional(),
  zone: z.string().min(1).max(64).optional().describe("An IANA time zone, or `local` for the browser's."),
  density: z.enum(densities).optional(),
  columns: z.partialRecord(z.enum(logScreens), z.array(columnName).min(1).max(viewLimits.columnsMax)).optional(),
});

export type ViewSearch = z.infer<typeof viewSearchSchema>;
export type SavedView = z.infer<typeof savedViewSchema>;
export type NewView = z.infer<typeof newViewSchema>;
export type ViewChange = z.infer<typeof viewChangeSchema>;
export type DisplayChoices = z.infer<typeof displayChoicesSchema>;
