import type { TemplateToken } from "@daybook/contract";

type Json = TemplateToken["sample"];

/** A sample as it stands in a field: text as it is, unless it would read as something else; all else as JSON. */
export function sampleText(sample: Json): string {
  if (sample === undefined) return "";
  if (typeof sample !== "string") return JSON.stringify(sample);
  return sample === "" || readsAsJson(sample) ? JSON.stringify(sample) : sample;
}

/** The other way. An empty field is no sample. */
export function sampleOf(text: string): Json {
  const word = text.trim();
  if (word === "") return undefined;
  return readsAsJson(word) ? (JSON.parse(word) as Json) : text;
}

function readsAsJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As the API wants it: user.name. */
export function isTokenName(name: string): boolean {
  return /^[a-z][a-zA-Z0-9_]*(\.[a-z][a-zA-Z0-9_]*)*$/.test(name);
}

/** The samples of tokens as data: `user.name` becomes `{ user: { name } }`. */
export function sampleData(tokens: readonly TemplateToken[]): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const { name, sample } of tokens) {
    const path = name.split(".");
    const last = path.pop() ?? name;
    let at = data;
    for (const step of path) {
      const below = at[step];
      const next = isObject(below) ? { ...below } : {};
      at[step] = next;
      at = next;
    }
    if (!Object.hasOwn(at, last)) at[last] = sample ?? `[${name}]`;
  }
  return data;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
