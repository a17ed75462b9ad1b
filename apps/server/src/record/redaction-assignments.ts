import { redacted } from "@daybook/contract";
import type { TextRun } from "./redaction-text.ts";

// Secrets that a text assigns: `password=x`, `?token=x&`, `"apiKey": "x"`, `Password: x`, `--token x`, `Cookie: …`.

/** Names are short; what is longer before a "=" is no name. */
const NAME_LENGTH_MAX = 64;

/** Blanks and quotes between a name and its value. */
const GAP_MAX = 8;

/** Parameters of an address that sign or open it, besides the names that are secret anywhere. */
const urlSecrets =
  /^(?:x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential)|sig|signature|sign|hmac|key|code|auth|access|hash|sid|session_?(?:id|key)?|ticket|otc|jwt|state_token)$/i;

/** What follows "password:" in a sentence about passwords. */
const prose =
  /^(?:true|false|null|none|nil|undefined|yes|no|ok|empty|unset|set|must|should|shall|may|can|cannot|can't|could|is|isn't|was|wasn't|are|has|have|had|needs?|not|too|the|a|an|and|or|required?|invalid|incorrect|wrong|missing|expired|changed?|reset|updated?|rotated?|created?|deleted?|removed?|revoked?|denied|failed|failure|success|successful|authentication|weak|unknown|please|field|value|mismatch|enabled|disabled|\*+|\[redacted\]|<redacted>|redacted|hidden)[.,;:!?)]*$/i;

/** What is no secret wherever it stands: words for none, masks, scores ("SPF_PASS=-0.001"). */
const literal = /^(?:-?\d*\.\d+|true|false|null|none|nil|undefined|yes|no|\*+|\[redacted\]|<redacted>)$/i;

/** The text without the values of secret names. */
export function redactAssignments(text: string, run: TextRun): string {
  if (!/[=:]/.test(text)) return text;
  let out = "";
  let done = 0;
  const separator = /[=:]/g;
  for (let match = separator.exec(text); match; match = separator.exec(text)) {
    const at = match.index;
    const name = nameBefore(text, at, done);
    if (name === undefined) continue;
    const rule = ruleFor(text, name, at, run);
    if (rule === undefined || inArn(text, name.start)) continue;
    const value = valueAfter(text, at, name, rule);
    if (value === undefined) continue;
    run.count(rule);
    out += text.slice(done, value.from) + redacted;
    done = value.to;
    separator.lastIndex = Math.max(value.to, at + 1);
  }
  return done === 0 ? text : out + text.slice(done);
}

/** `arn:aws:secretsmanager:eu-west-1:1:secret:orders` names a secret and gives nothing away; the name is what one searches. */
function inArn(text: string, at: number): boolean {
  return /(?:^|[\s"'`([{=,])arn:[\w:/.+@-]{1,200}:$/.test(text.slice(Math.max(0, at - 256), at));
}

/** `--password x` and `--token x`; with "=" they are assignments. */
export function redactFlags(text: string, run: TextRun): string {
  return text.replace(flag, (whole, before: string, name: string, value: string) => {
    const verdict = run.judge(name);
    if (verdict === undefined || value === redacted || /^[|;&]/.test(value)) return whole;
    run.count(verdict.rule);
    return before + redacted;
  });
}

const flag = /(--([A-Za-z][\w-]{0,63})[ \t]{1,8})(?!-)("[^"]*(?:"|$)|'[^']*(?:'|$)|\S+)/g;

interface Name {
  text: string;
  start: number;
  /** It stands in quotes, as in JSON. */
  quoted: boolean;
}

/** The name that ends before the separator, not reaching back before `floor`. */
function nameBefore(text: string, at: number, floor: number): Name | undefined {
  let end = at;
  let quoted = false;
  for (let gap = 0; end > floor && gap < GAP_MAX; gap++) {
    const char = text.charCodeAt(end - 1);
    const quote = char === 34 || char === 39 || char === 92 || char === 96;
    if (!quote && char !== 32 && char !== 93 && char !== 9) break;
    quoted ||= quote;
    end--;
  }
  let start = end;
  while (start > floor && end - start < NAME_LENGTH_MAX && isNameChar(text.charCodeAt(start - 1))) start--;
  if (start === end) return undefined;
  const name = text.slice(start, end);
  return { text: name.includes("%") ? name.replace(/%5[bd]|%2e/gi, ".") : name, start, quoted };
}

/** Letters, digits, and `_ - . [ %`; letters of other alphabets too. */
function isNameChar(char: number): boolean {
  if (char > 127) return true;
  if ((char >= 97 && char <= 122) || (char >= 65 && char <= 90) || (char >= 48 && char <= 57)) return true;
  return char === 95 || char === 45 || char === 46 || char === 91 || char === 37;
}

function ruleFor(text: string, name: Name, at: number, run: TextRun): string | undefined {
  const before = text[name.start - 1];
  // "arn:…:secret:name", "pam_unix(chpasswd:chauthtok)" and "passwd[123]:" of a syslog line name no value.
  if (text[at] === ":" && !name.quoted) {
    const tight = text[at + 1] !== " ";
    if (before === ":" || (before === "(" && tight) || /\[\d+$/.test(name.text)) return undefined;
  }
  const verdict = run.judge(name.text);
  if (verdict) return verdict.rule;
  if (text[at] !== "=") return undefined;
  return (before === "?" || before === "&") && urlSecrets.test(name.text) ? "url_parameter" : undefined;
}

interface Span {
  from: number;
  to: number;
}

/** Where the value of a secret name is; undefined when there is none worth hiding. */
function valueAfter(text: string, at: number, name: Name, rule: string): Span | undefined {
  const equals = text[at] === "=";
  let from = at + 1;
  if (equals && text[from] === ">") from++;
  const blanks = from;
  while (from < text.length && from - blanks < GAP_MAX && (text[from] === " " || text[from] === "\t")) from++;
  // "a = b" has blanks on both sides; "name= next=" has no value.
  if (equals && from > blanks && isNameChar(text.charCodeAt(at - 1)) && text[at + 1] !== ">") return undefined;
  const quote = /\\*["'`]/y;
  quote.lastIndex = from;
  const opened = quote.exec(text)?.[0];
  const span = opened ? quotedValue(text, from + opened.length, opened) : bareValue(text, from, { equals, name, rule });
  if (span === undefined || span.to <= span.from) return undefined;
  const value = text.slice(span.from, span.to);
  if (literal.test(value)) return undefined;
  if (/pwd$/i.test(name.text) && /^(?:[/~]|[A-Za-z]:\\)/.test(value)) return undefined; // the working directory
  return span;
}

/** To the quote that closes, else to the end: a cut text holds the beginning of a secret. */
function quotedValue(text: string, from: number, quote: string): Span {
  let to = text.indexOf(quote, from);
  // A quote that is itself escaped belongs to the value.
  while (quote.length === 1 && to !== -1 && escaped(text, to, from)) to = text.indexOf(quote, to + 1);
  return { from, to: to === -1 ? text.length : to };
}

function escaped(text: string, at: number, from: number): boolean {
  let slashes = 0;
  while (at - slashes - 1 >= from && text[at - slashes - 1] === "\\") slashes++;
  return slashes % 2 === 1;
}

function bareValue(text: string, from: number, about: { equals: boolean; name: Name; rule: string }): Span | undefined {
  const { equals, name, rule } = about;
  if (text.startsWith(redacted, from) && endsValue(text, from + redacted.length)) return undefined;
  const before = text[name.start - 1];
  const header = !equals && (rule === "cookie" || rule === "authorization");
  const value = matchAt(
    header ? headerValue : equals && (before === "?" || before === "&") ? parameterValue : plainValue,
    text,
    from,
  );
  const list = matchAt(listValue, text, from);
  if (list.length > value.length) return { from, to: from + list.length };
  if (!equals && prose.test(matchAt(/\S*/y, value, 0))) return undefined;
  if (header && !headerSecret.test(value)) return undefined;
  if (!equals && !name.quoted && rule === "card" && !/\d/.test(value)) return undefined;
  return { from, to: from + value.length };
}

function matchAt(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}

const endsValue = (text: string, at: number): boolean => at >= text.length || /[\s&;"'`<>,\\)}\]]/.test(text[at] ?? "");

/** After "Cookie:" or "Authorization:" in a text: not when a sentence goes on. */
const headerSecret =
  /\d|=|^(?:basic|digest|token|api-?key|negotiate|ntlm|hmac|signature|key|oauth|mac|hawk)\s+(?!\[redacted\])\S/i;

/** A list or an object that is no JSON document by itself, e.g. in a line of a log. */
const listValue = /\[[^\]]{0,1024}\]|\{[^}]{0,1024}\}/y;
const headerValue = /[^\r\n"'`\\]+/y;
const parameterValue = /[^&#\s"'`<>\\]+/y;
const plainValue = /(?:[^\s&;"'`<>,\\)}\]]|,(?![\w.-]{1,64}[=:])(?=\S)|[)}\]](?=[^\s,;]))+/y;
