import type { TemplateFault, TemplateToken } from "@daybook/contract";
import type { Liquid, Template } from "liquidjs";
import { type LiquidFault, LiquidRefusal, liquid, type Part, parsePart } from "./liquid.ts";

export interface CheckOrder {
  subject: string;
  html: string;
  text: string | null;
  partials: Record<string, string>;
  tokens: TemplateToken[];
  /** A partial is given its tokens by others, so that none is unknown. */
  isPartial: boolean;
}

/** What every template knows besides its tokens. */
const always = ["brand", "locale", "content", "subject", "forloop", "tablerowloop"];

/** What is wrong with a template, as far as its text shows: syntax, filters and partials that there are not, tokens, scripts. */
export function checkSource(order: CheckOrder): TemplateFault[] {
  const faults: TemplateFault[] = [];
  const used = new Set<string>();
  const html = liquid({ partials: order.partials, locale: "en", timeZone: "UTC", escapes: true });
  const plain = liquid({ partials: order.partials, locale: "en", timeZone: "UTC", escapes: false });
  const parts: [Part, string | null, Liquid][] = [
    ["subject", order.subject, plain],
    ["html", order.html, html],
    ["text", order.text, plain],
  ];
  for (const [part, source, engine] of parts) {
    if (source === null) continue;
    try {
      const parsed = parsePart(engine, part, source);
      faults.push(...partialFaults(part, source, order.partials));
      if (faults.some((fault) => fault.code === "unknown_partial")) continue;
      faults.push(...tokenFaults(engine, parsed, part, order, used));
    } catch (error) {
      if (!(error instanceof LiquidRefusal)) throw error;
      faults.push(told(error.fault));
    }
  }
  faults.push(...scriptFaults(order.html));
  if (!faults.some((fault) => fault.severity === "error")) faults.push(...missingTokens(order.tokens, used));
  return faults;
}

/** A fault inside a partial names it: its line is the partial's. */
export function told({ partial, ...fault }: LiquidFault): TemplateFault {
  if (partial === undefined) return fault;
  const { line, column, ...rest } = fault;
  const where = line === undefined ? "" : `, line ${line}${column === undefined ? "" : `, column ${column}`}`;
  return { ...rest, message: `In the partial ${partial}${where}: ${fault.message}` };
}

function* partialFaults(part: Part, source: string, partials: Record<string, string>): Generator<TemplateFault> {
  for (const match of source.matchAll(/\{%-?\s*render\s+([^\s,%]+)/g)) {
    const given = match[1] ?? "";
    const name = /^["'](.*)["']$/.exec(given)?.[1];
    if (name !== undefined && Object.hasOwn(partials, name)) continue;
    const message =
      name === undefined
        ? `A partial is named in quotes: {% render 'button' %}, not ${given}`
        : `There is no partial ${name}`;
    yield { severity: "error", part, ...positionOf(source, match.index), code: "unknown_partial", message };
  }
}

function tokenFaults(
  engine: Liquid,
  parsed: Template[],
  part: Part,
  { tokens, isPartial }: CheckOrder,
  used: Set<string>,
): TemplateFault[] {
  const faults: TemplateFault[] = [];
  const seen = new Set<string>();
  let globals: ReturnType<Liquid["analyzeSync"]>["globals"];
  try {
    globals = engine.analyzeSync(parsed, { partials: false }).globals;
  } catch {
    // What cannot be read through cannot be rendered either, and the trial that follows says so.
    return faults;
  }
  for (const variable of Object.values(globals).flat()) {
    const path = pathOf(variable.segments);
    used.add(path);
    if (seen.has(path) || isPartial || always.includes(path.split(".")[0] ?? "") || isKnown(path, tokens)) continue;
    seen.add(path);
    const { row, col } = variable.location;
    const near = nearest(path, tokens);
    const message = `${path} is none of its tokens${near === undefined ? "" : `; did you mean ${near}?`}`;
    faults.push({ severity: "warning", part, line: row, column: col, code: "unknown_token", message });
  }
  return faults;
}

/** `user.name` of `user.name[0]` and `user["name"]`; what is computed ends the path. */
function pathOf(segments: readonly unknown[]): string {
  const names: string[] = [];
  for (const segment of segments) {
    if (typeof segment !== "string" || !/^[\w-]+$/.test(segment)) break;
    names.push(segment);
  }
  const last = names.at(-1);
  if (names.length > 1 && last !== undefined && ["size", "first", "last"].includes(last)) names.pop();
  return names.join(".");
}

/** A token itself, the object above some, or something within one that is a list or an object. */
function isKnown(path: string, tokens: readonly TemplateToken[]): boolean {
  return tokens.some(
    ({ name, sample }) =>
      name === path ||
      name.startsWith(`${path}.`) ||
      (path.startsWith(`${name}.`) && (sample === undefined || (typeof sample === "object" && sample !== null))),
  );
}

function* missingTokens(tokens: readonly TemplateToken[], used: ReadonlySet<string>): Generator<TemplateFault> {
  for (const { name, required } of tokens) {
    if (!required) continue;
    if ([...used].some((path) => path === name || name.startsWith(`${path}.`) || path.startsWith(`${name}.`))) continue;
    const message = `${name} is required of every message, and the template does not use it`;
    yield { severity: "warning", part: "html", code: "missing_token", message };
  }
}

const scripts: readonly [RegExp, string][] = [
  [/<\s*script/gi, "Mail programs run no scripts, and many refuse mails that hold one"],
  [/<[a-z][^<>]*\son[a-z]+\s*=/gi, "Mail programs run no event handlers (onclick and the like)"],
  [/\b(?:href|src|action)\s*=\s*["']?\s*javascript:/gi, "A link that runs a script is taken out"],
  [/<\s*(?:iframe|object|embed|form)\b/gi, "Mail programs show no frames, objects or forms"],
];

function* scriptFaults(html: string): Generator<TemplateFault> {
  for (const [pattern, message] of scripts)
    for (const match of html.matchAll(pattern))
      yield { severity: "warning", part: "html", ...positionOf(html, match.index), code: "script", message };
  for (const match of html.matchAll(/\{\{[^{}]*\|\s*raw\s*-?\}\}/g)) {
    // The layout is given what is HTML already.
    if (/^\{\{-?\s*content\b/.test(match[0]) || /\|\s*(escape|strip_html)\b/.test(match[0])) continue;
    const message = "raw puts the value in as HTML: whoever can choose it writes your mail. Put escape before it";
    yield { severity: "warning", part: "html", ...positionOf(html, match.index), code: "script", message };
  }
}

function positionOf(source: string, index: number): { line: number; column: number } {
  const before = source.slice(0, index);
  const line = before.split("\n").length;
  return { line, column: index - before.lastIndexOf("\n") };
}

/** The token that differs by the fewest letters, if it is few. */
function nearest(path: string, tokens: readonly TemplateToken[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(4, Math.ceil(path.length / 3) + 1);
  for (const { name } of tokens) {
    const far = distance(path.toLowerCase(), name.toLowerCase());
    if (far < least) [best, least] = [name, far];
  }
  return best;
}

function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++)
      next[j] = Math.min(
        (row[j] ?? 0) + 1,
        (next[j - 1] ?? 0) + 1,
        (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1),
      );
    row = next;
  }
  return row[other.length] ?? 0;
}
