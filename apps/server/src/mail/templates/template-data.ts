import type { Json, TemplateToken } from "@daybook/contract";

const MASK = "[masked]";
/** Shorter texts stand everywhere: masking them would mask half of the mail. */
const SECRET_LENGTH_MIN = 4;

/** The sample values of the tokens as data: `user.name` becomes `{ user: { name } }`. */
export function sampleData(tokens: readonly TemplateToken[]): Record<string, Json> {
  const data: Record<string, Json> = {};
  for (const { name, sample } of tokens) if (sample !== undefined) put(data, name.split("."), sample as Json);
  return data;
}

/** Required tokens for which the data has nothing. */
export function missingTokens(tokens: readonly TemplateToken[], data: Record<string, Json>): string[] {
  return tokens
    .filter(({ required }) => required)
    .map(({ name }) => name)
    .filter((name) => {
      const value = valueAt(data, name);
      return value === undefined || value === null || value === "";
    });
}

/** The true values of secret tokens, also as they stand in HTML and in addresses; the longest first, so that none is masked in part. */
export function secretsOf(tokens: readonly TemplateToken[], data: Record<string, Json>): string[] {
  const found = new Set<string>();
  for (const { name, secret } of tokens) {
    if (!secret) continue;
    for (const text of texts(valueAt(data, name)))
      for (const form of [text, escaped(text), encodeURIComponent(text.toWellFormed()), encodeURI(text.toWellFormed())])
        if (form.length >= SECRET_LENGTH_MIN) found.add(form);
  }
  return [...found].sort((one, other) => other.length - one.length);
}

/** The data with secret values masked wherever they stand. */
export function maskedData(tokens: readonly TemplateToken[], data: Record<string, Json>): Json {
  const secrets = secretsOf(tokens, data);
  const masked = mapTexts(structuredClone(data), (text) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, MASK), text),
  ) as Record<string, Json>;
  for (const { name, secret } of tokens)
    if (secret && valueAt(masked, name) !== undefined) put(masked, name.split("."), MASK);
  return masked;
}

function valueAt(data: Json, name: string): Json | undefined {
  let value: Json | undefined = data;
  for (const step of name.split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !Object.hasOwn(value, step))
      return undefined;
    value = value[step];
  }
  return value;
}

/** Tokens' names are checked, so that no step is `__proto__`. */
function put(data: Record<string, Json>, [first = "", ...rest]: string[], value: Json): void {
  if (rest.length === 0) {
    data[first] = value;
    return;
  }
  const inner = Object.hasOwn(data, first) ? data[first] : undefined;
  const object = typeof inner === "object" && inner !== null && !Array.isArray(inner) ? inner : {};
  data[first] = object;
  put(object as Record<string, Json>, rest, value);
}

function texts(value: Json | undefined): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap((each) => texts(each as Json));
  return [];
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((each) => mapTexts(each, change));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, mapTexts(each as Json, change)]));
  return value;
}

/** As Liquid escapes. */
function escaped(text: string): string {
  const signs: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
  return text.replace(/[&<>"']/g, (sign) => signs[sign] ?? sign);
}
