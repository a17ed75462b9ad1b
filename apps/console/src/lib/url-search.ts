/** The part of an address after `?` as plain strings, so that people can read and type it (no JSON in it). */
export function parseUrlSearch(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text.startsWith("?") ? text.slice(1) : text));
}

/** The other way. The characters of the query language that are legal in a query part stay as they are. */
export function writeUrlSearch(search: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(search)) {
    if (value === undefined || value === "") continue;
    parts.push(`${encodeURIComponent(key)}=${readable(String(value))}`);
  }
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function readable(value: string): string {
  return encodeURIComponent(value).replace(/%(3A|2F|2C|40|2A|20)/g, (code) =>
    code === "%20" ? "+" : decodeURIComponent(code),
  );
}
