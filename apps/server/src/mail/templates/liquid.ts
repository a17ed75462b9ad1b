import type { TemplateFault } from "@daybook/contract";
import { mailLimits } from "@daybook/contract";
import { Liquid, type Template } from "liquidjs";

/** Filters and tags work with texts as large as their input: what they may make all together, in characters and members of lists. */
const MEMORY_LIMIT = 4_000_000;
/** A template with all it renders. */
const PARSE_LIMIT = 4 * mailLimits.htmlBytesMax;
/** Liquid's own watch ends a little before the thread is killed: it knows the line. */
const RENDER_LIMIT_MS = mailLimits.renderMs * 0.8;

/** They share or replace what is around them, or write values past the escaping: `render` is the one way to use another template. */
const withoutTags = ["include", "layout", "block", "cycle", "increment", "decrement"];

export type Part = TemplateFault["part"];

/** A fault in a template while it was read or rendered. */
export interface LiquidFault extends TemplateFault {
  /** The partial in which it is; left out, it is in the template itself. */
  partial?: string;
}

export interface LiquidOptions {
  /** What `{% render 'name' %}` finds. There is no file system behind it. */
  partials: Record<string, string>;
  /** Language of the names of months and days. */
  locale: string;
  /** In which dates are told. */
  timeZone: string;
  /** HTML: what is put out is escaped unless it is `raw`. */
  escapes: boolean;
}

/** Liquid as mail templates may use it: own properties of the data alone, no files, unknown filters refused, everything bounded. */
export function liquid({ partials, locale, timeZone, escapes }: LiquidOptions): Liquid {
  const engine = new Liquid({
    templates: partials,
    cache: true,
    ownPropertyOnly: true,
    strictFilters: true,
    // An empty name is no name: {% if user.name %}.
    jsTruthy: true,
    locale,
    // A zone by its name costs half a millisecond a date.
    timezoneOffset: timeZone === "UTC" ? 0 : timeZone,
    parseLimit: PARSE_LIMIT,
    renderLimit: RENDER_LIMIT_MS,
    memoryLimit: MEMORY_LIMIT,
    ...(escapes ? { outputEscape: "escape" as const } : {}),
  });
  for (const tag of withoutTags) delete engine.tags[tag];
  return engine;
}

/** Reads one part. Throws LiquidRefusal. */
export function parsePart(engine: Liquid, part: Part, source: string): Template[] {
  try {
    return engine.parse(source, part);
  } catch (error) {
    throw new LiquidRefusal(faultOf(error, part));
  }
}

/** Renders one part. Throws LiquidRefusal. */
export function renderPart(engine: Liquid, part: Part, parsed: Template[], data: object, globals: object): string {
  try {
    const text = String(engine.renderSync(parsed, data, { globals }));
    if (text.length <= mailLimits.renderBytesMax) return text;
  } catch (error) {
    throw new LiquidRefusal(faultOf(error, part));
  }
  throw new LiquidRefusal({
    severity: "error",
    part,
    code: "too_large",
    message: `It renders to more than ${mailLimits.renderBytesMax / 1024} KB`,
  });
}

export class LiquidRefusal extends Error {
  override name = "LiquidRefusal";
  readonly fault: LiquidFault;
  constructor(fault: LiquidFault) {
    super(fault.message);
    this.fault = fault;
  }
}

interface LiquidError {
  message: string;
  originalError?: Error;
  token?: { file?: string; getPosition?: () => [line: number, column: number] };
}

const parts = ["subject", "html", "text"];

function faultOf(error: unknown, part: Part): LiquidFault {
  const { message, originalError, token } = error as LiquidError;
  const said = originalError?.message ?? message.replace(/, (file|line):.*$/, "");
  const [line, column] = token?.getPosition?.() ?? [];
  const file = token?.file;
  return {
    severity: "error",
    part,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(file === undefined || parts.includes(file) ? {} : { partial: file }),
    ...told(said),
  };
}

/** What Liquid says, in words for whoever writes mails. */
function told(said: string): Pick<TemplateFault, "code" | "message"> {
  const filter = /^undefined filter: (.*)$/.exec(said)?.[1];
  if (filter !== undefined) return { code: "unknown_filter", message: `There is no filter ${filter}` };
  const partial = /^ENOENT: Failed to lookup "(.*?)"/.exec(said)?.[1];
  if (partial !== undefined) return { code: "unknown_partial", message: `There is no partial ${partial}` };
  if (/render limit exceeded/.test(said)) return { code: "too_slow", message: slow };
  if (/(alloc|parse length) limit exceeded|Invalid string length|call stack/.test(said))
    return {
      code: "too_large",
      message: "It makes more than a mail can hold: a loop without an end, or texts that grow",
    };
  const tag = /^tag "(.*?)" not found/.exec(said)?.[1];
  if (tag !== undefined) return { code: "syntax", message: `There is no tag ${tag}` };
  return { code: "syntax", message: said.slice(0, 300) };
}

export const slow = `It takes longer than ${mailLimits.renderMs / 1000} s to render`;
