import type { Json, TemplateFault } from "@daybook/contract";
import { told } from "./check-source.ts";
import type { ResolvedTemplate } from "./resolve.ts";
import type { TemplateBook } from "./template-book.ts";
import { sampleData } from "./template-data.ts";

/** Gmail cuts what is longer and shows "message clipped". */
const CLIPPED_BYTES = 102 * 1024;

export interface Inspected {
  faults: TemplateFault[];
  /** Undefined if it cannot be rendered. */
  drawn: { subject: string; html: string; text: string } | undefined;
  /** How long rendering took. */
  ms: number;
}

/** Looks a text through and renders it once, with sample data if there is no other: what is wrong with it, and how it looks. */
export async function inspect(
  book: TemplateBook,
  workspaceId: number,
  { settings, source, partials }: ResolvedTemplate,
  data: Record<string, Json> = sampleData(settings.tokens),
  logo: "cid" | "data" = "data",
): Promise<Inspected> {
  const there = partials.map(({ name }) => [name, source.partials[name] ?? ""]);
  const faults = await book.check({
    ...{ subject: source.subject, html: source.html, text: source.text, tokens: settings.tokens },
    partials: Object.fromEntries(there),
    isPartial: settings.kind === "partial",
  });
  if (faults.some((fault) => fault.severity === "error")) return { faults, drawn: undefined, ms: 0 };
  const started = performance.now();
  const drawn = await book.draw(workspaceId, { key: "", source }, data, logo);
  const ms = Math.round((performance.now() - started) * 100) / 100;
  if ("fault" in drawn) return { faults: [told(drawn.fault), ...faults], drawn: undefined, ms };
  const bytes = Buffer.byteLength(drawn.html);
  if (bytes > CLIPPED_BYTES)
    faults.push({
      ...{ severity: "warning", part: "html", code: "too_large" },
      message: `The mail has ${Math.round(bytes / 1024)} KB of HTML; Gmail cuts off what is beyond 102 KB`,
    });
  return { faults, drawn, ms };
}
