import { type EventInput, eventInputSchema, type Fault, type Json, limits } from "@daybook/contract";
import { Ajv, type ErrorObject } from "ajv";
import { z } from "zod";

/**
 * Checks one event from outside against the contract's schema. The JSON Schema made from the zod schema is compiled
 * once: on the ingest path it is several times faster than zod itself and gives the same verdicts.
 */
const schema = z.toJSONSchema(eventInputSchema, { target: "draft-7", io: "input" });
const validate = new Ajv({
  allErrors: true,
  strict: false,
  validateFormats: false,
}).compile<EventInput>(schema);

/** What was meant, where the schema's own words would not say it. */
const meant: Record<string, string> = {
  "/action": "must be category.verb in lower case ([a-z0-9_.-], at most 100 characters), e.g. server.suspended",
  "/id": "must be a UUID, best a UUIDv7",
  "/occurredAt": "must be an RFC 3339 time with a zone, e.g. 2026-11-20T10:11:12.345Z",
};

/** The faults of a value that should be an event; empty when it is one. */
export function eventFaults(value: unknown): Fault[] {
  const shape = validate(value) ? [] : shapeFaults(validate.errors ?? []);
  if (shape.length > 0) return shape;
  return contentFaults(value as EventInput);
}

function shapeFaults(errors: readonly ErrorObject[]): Fault[] {
  const faults = new Map<string, Fault>();
  for (const error of errors) {
    if (error.keyword === "anyOf" || error.keyword === "if") continue;
    const pointer = `${error.instancePath}${memberOf(error)}`;
    if (faults.has(pointer)) continue;
    faults.set(pointer, { pointer, code: codeOf(error), message: meant[pointer] ?? messageOf(error) });
  }
  return [...faults.values()];
}

function memberOf(error: ErrorObject): string {
  const member: unknown = error.params.missingProperty ?? error.params.additionalProperty;
  return typeof member === "string" ? `/${member.replaceAll("~", "~0").replaceAll("/", "~1")}` : "";
}

function codeOf(error: ErrorObject): string {
  if (error.keyword === "required") return "required";
  if (error.keyword === "additionalProperties") return "unknown_field";
  if (error.keyword === "maxLength" || error.keyword === "maxItems") return "too_long";
  return "invalid";
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === "required") return "is required";
  if (error.keyword === "additionalProperties") return "is not a field of an event; put your own data into details";
  if (error.keyword === "enum") return `must be one of ${(error.params.allowedValues as string[]).join(", ")}`;
  return error.message ?? "is not valid";
}

/** What a schema cannot say: sizes as JSON, depth. */
function contentFaults(event: EventInput): Fault[] {
  const faults: Fault[] = [];
  if (event.details !== undefined && event.details !== null && typeof event.details === "object") {
    if (depthOver(event.details, limits.depthMax)) faults.push(tooDeep("/details"));
    else if (largerThan(event.details, limits.detailsBytesMax)) {
      faults.push({
        pointer: "/details",
        code: "too_large",
        message: `is larger than ${limits.detailsBytesMax} bytes as JSON (detailsBytesMax)`,
      });
    }
  }
  event.changes?.forEach((change, index) => {
    for (const side of ["old", "new"] as const) {
      if (depthOver(change[side] ?? null, limits.depthMax)) faults.push(tooDeep(`/changes/${index}/${side}`));
    }
  });
  return faults;
}

const tooDeep = (pointer: string): Fault => ({
  pointer,
  code: "too_deep",
  message: `is nested deeper than ${limits.depthMax} levels (depthMax)`,
});

function depthOver(value: Json, left: number): boolean {
  if (value === null || typeof value !== "object") return false;
  if (left === 0) return true;
  for (const member of Array.isArray(value) ? value : Object.values(value))
    if (depthOver(member, left - 1)) return true;
  return false;
}

/** Whether a value takes more than so many bytes as JSON; a cheap bound first, the exact size only when it is close. */
function largerThan(value: Json, bytesMax: number): boolean {
  const text = JSON.stringify(value);
  return text.length > bytesMax || (text.length * 3 > bytesMax && Buffer.byteLength(text) > bytesMax);
}
