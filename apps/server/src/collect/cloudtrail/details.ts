import type { Json } from "@daybook/contract";
import { limits } from "@daybook/contract";
import { isObject, type JsonObject } from "./record.ts";

/** Room for what redaction and the server itself may add. */
const BYTES_MAX = limits.detailsBytesMax - 2_048;
/** `details` itself and the member it holds take two levels. */
const DEPTH_MAX = limits.depthMax - 2;
const CUTS_MAX = 500;

/**
 * Brings details under the limits of an event: what lies too deep and what is largest becomes a note of its size. The
 * same record is always cut the same way.
 */
export function fitted(details: JsonObject): JsonObject {
  const text = JSON.stringify(details);
  const flat =
    text.length < 200 || depth(details) <= DEPTH_MAX ? details : (flattened(details, DEPTH_MAX) as JsonObject);
  if (Buffer.byteLength(text) <= BYTES_MAX) return flat;
  const copy = structuredClone(flat);
  let size = sizeOf(copy);
  for (let cuts = 0; size > BYTES_MAX && cuts < CUTS_MAX; cuts++) {
    cutLargest(copy, size - BYTES_MAX);
    size = sizeOf(copy);
  }
  return size <= BYTES_MAX ? copy : { trimmed: note(size) };
}

function note(bytes: number): string {
  return `[trimmed: ${bytes} bytes]`;
}

function sizeOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

function depth(value: Json): number {
  if (typeof value !== "object" || value === null) return 0;
  let deepest = 0;
  for (const member of Object.values(value)) deepest = Math.max(deepest, depth(member as Json));
  return deepest + 1;
}

function flattened(value: Json, left: number): Json {
  if (typeof value !== "object" || value === null) return value;
  if (left === 0) return note(sizeOf(value));
  if (Array.isArray(value)) return value.map((member) => flattened(member, left - 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, flattened(member, left - 1)]));
}

/** Goes down along the largest member as long as cutting it there frees enough, and puts a note in its place. */
function cutLargest(root: JsonObject, excess: number): void {
  let holder: JsonObject | Json[] = root;
  for (;;) {
    const { key, size } = largest(holder);
    const member: Json = (holder as JsonObject)[key] as Json;
    const inner: JsonObject | Json[] | undefined = isObject(member) || Array.isArray(member) ? member : undefined;
    if (inner === undefined || Object.keys(inner).length === 0 || largest(inner).size < Math.min(excess, size / 2)) {
      (holder as JsonObject)[key] = note(size);
      return;
    }
    holder = inner;
  }
}

function largest(holder: JsonObject | Json[]): { key: string; size: number } {
  let found = { key: "", size: -1 };
  for (const [key, member] of Object.entries(holder)) {
    const size = sizeOf(member as Json);
    if (size > found.size) found = { key, size };
  }
  return found;
}
