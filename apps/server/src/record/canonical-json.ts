import type { Json } from "@daybook/contract";

/**
 * JSON in the one form of RFC 8785 (JCS): keys sorted by UTF-16 code units, no white space, numbers and strings as
 * ECMAScript writes them. Undefined members are left out.
 */
export function canonicalJson(value: Json | undefined | object): string {
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item as Json)).join(",")}]`;
  const record = value as Record<string, Json | undefined>;
  const keys = Object.keys(record);
  if (keys.length > 1) keys.sort();
  let text = "{";
  for (const key of keys) {
    const member = record[key];
    if (member === undefined) continue;
    text += `${text.length > 1 ? "," : ""}${JSON.stringify(key)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}
