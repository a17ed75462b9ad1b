import type { Json } from "@daybook/contract";

export type JsonObject = { [key: string]: Json };

/** A member of a JSON object when it is an object, else an empty one. */
export function objectAt(value: Json | undefined, key: string): JsonObject {
  const member = isObject(value) ? value[key] : undefined;
  return isObject(member) ? member : {};
}

/** A member when it is a text that says something. */
export function textAt(value: Json | undefined, key: string): string | undefined {
  const member = isObject(value) ? value[key] : undefined;
  return typeof member === "string" && member !== "" ? member : undefined;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The CloudTrail record in a JSON value, or undefined: itself, the `detail` of an EventBridge event, or the text under
 * `CloudTrailEvent` that `aws cloudtrail lookup-events` prints.
 */
export function recordIn(value: Json): JsonObject | undefined {
  if (!isObject(value)) return undefined;
  if (isRecord(value)) return value;
  if (isObject(value.detail) && isRecord(value.detail)) return value.detail;
  if (typeof value.CloudTrailEvent !== "string") return undefined;
  try {
    const inner = JSON.parse(value.CloudTrailEvent) as Json;
    return isObject(inner) && isRecord(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: JsonObject): boolean {
  return textAt(value, "eventName") !== undefined && textAt(value, "eventTime") !== undefined;
}
