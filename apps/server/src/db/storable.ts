/**
 * What JSON may hold and PostgreSQL may not: NUL and halves of surrogate pairs, as JSON.stringify writes them. An escaped backslash before
 * them would make them plain letters, so backslashes are counted.
 */
const unstorable = /(?<!\\)((?:\\\\)*)\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

/** A value as JSON that PostgreSQL can keep: what it cannot hold becomes U+FFFD. */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes("\\u") ? text.replace(unstorable, "$1\ufffd") : text;
}

/** The same for the value itself; what can be kept stays the same object. */
export function storable<T>(value: T): T {
  if (value === undefined) return value;
  const text = JSON.stringify(value);
  if (!text.includes("\\u")) return value;
  const kept = text.replace(unstorable, "$1\ufffd");
  return kept === text ? value : (JSON.parse(kept) as T);
}
