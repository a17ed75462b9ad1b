import { readFile } from "node:fs/promises";
import { AppError } from "@daybook/contract";
import { z } from "zod";
import { timeReader } from "./time-format.ts";

const path =
  /^(id|action|project|outcome|reason|(actor|onBehalfOf)\.(type|id|name|email)|targets\.\d{1,2}\.(type|id|name|ownerId)|origin\.(ip|userAgent|sessionId|requestId|auth)|changes\.\d{1,3}\.(field|old|new)|details(\.[^.]+)+)$/;

const cell = z.strictObject({
  column: z.string(),
  lookup: z.record(z.string(), z.string()).optional().describe("Cell text to value; upper and lower case are one."),
  default: z.json().optional().describe("For an empty cell, or one that the lookup does not hold."),
  as: z.enum(["text", "number", "boolean", "json"]).default("text").describe("Only in details and changes."),
  prefix: z.string().optional().describe("First segment of an action whose cell holds no dot; `imported` if left out."),
});

/** Where the value of a field comes from: a column's name, a column with rules, or the same value in every row. */
const field = z.union([z.string(), cell, z.strictObject({ value: z.json() })]);

const fields = z.record(z.string(), field).superRefine((all, check) => {
  for (const name of Object.keys(all)) {
    if (!path.test(name))
      check.addIssue({ code: "custom", path: [name], message: "is no field of an event; the import guide lists them" });
  }
  if (!("action" in all))
    check.addIssue({ code: "custom", message: 'needs "action": a column, or {"value": "…"} for every row' });
});

/** How the rows of a CSV file become events. */
export const csvMappingSchema = z.strictObject({
  delimiter: z.string().min(1).max(4).default(","),
  quote: z.string().length(1).default('"'),
  encoding: z.string().default("utf-8").refine(isEncoding, "is no encoding; try utf-8 or windows-1252"),
  headerLine: z.int().min(1).max(1_000).default(1).describe("The line with the names of the columns."),
  columns: z.array(z.string()).min(1).optional().describe("The names, for a file that has no such line."),
  time: z.strictObject({
    column: z.union([z.string(), z.array(z.string()).min(1)]).describe("Several are joined by a space."),
    format: z.string().default("iso").refine(isTimeFormat, "is no time format; see the import guide"),
    timezone: z.string().optional().describe("Of times that name none; left out, --timezone counts."),
  }),
  fields,
  rest: z.enum(["details", "ignore"]).default("ignore").describe("What becomes of columns that nothing else uses."),
});

export type CsvMapping = z.infer<typeof csvMappingSchema>;
export type FieldSource = z.infer<typeof field>;

/**
 * Reads a mapping file.
 * @throws AppError invalid_request that names every fault
 */
export async function readMapping(file: string): Promise<CsvMapping> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw new AppError("not_found", `There is no mapping file ${file}.`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AppError("invalid_request", `${file} is not JSON: ${(error as Error).message}`);
  }
  return parseMapping(value, file);
}

export function parseMapping(value: unknown, file: string): CsvMapping {
  const result = csvMappingSchema.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join(" > ") || "it"}: ${issue.message}`);
  throw new AppError("invalid_request", `The mapping ${file} is not valid. ${faults.join("; ")}`);
}

function isEncoding(name: string): boolean {
  try {
    new TextDecoder(name);
    return true;
  } catch {
    return false;
  }
}

function isTimeFormat(format: string): boolean {
  try {
    timeReader(format);
    return true;
  } catch {
    return false;
  }
}
