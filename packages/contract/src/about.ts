import { z } from "zod";

/** Whom the data on screen comes from; the licences ask that it is said where the data is shown. */
export const creditSchema = z.object({
  what: z.enum(["country", "network"]).describe("What the data tells of an address."),
  text: z.string(),
  url: z.string().describe("Empty for a file of the operator's own making."),
  builtAt: z.string().optional().describe("When the data was built, if the file says so."),
});

/** `GET /api/v1/about`. */
export const aboutSchema = z.object({
  name: z.literal("Daybook"),
  version: z.string(),
  build: z.object({ node: z.string().describe("The version of Node.js it runs on.") }),
  credit: z.string().describe("The one line that screens show."),
  credits: z.array(creditSchema),
});

export type Credit = z.infer<typeof creditSchema>;
export type About = z.infer<typeof aboutSchema>;
