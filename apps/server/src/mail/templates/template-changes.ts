import type { Change, Json } from "@daybook/contract";
import type { TemplateSettings } from "./template-store.ts";

interface Told {
  settings?: TemplateSettings | undefined;
  subject?: string | undefined;
  html?: string | undefined;
  text?: string | null | undefined;
}

/** What differs between two states of a template, as the log tells it: HTML and text by what became of their lines. */
export function templateChanges(old: Told, now: Told): Change[] {
  const settings = (["title", "what", "layout", "unsubscribe", "kind"] as const).map((field) =>
    change(field, old.settings?.[field] ?? null, now.settings?.[field] ?? null),
  );
  return [
    change("subject", old.subject ?? null, now.subject ?? null),
    lines("html", old.html ?? null, now.html ?? null),
    lines("text", old.text ?? null, now.text ?? null),
    ...settings,
    tokens(old.settings?.tokens ?? [], now.settings?.tokens ?? []),
  ].filter((each) => each !== undefined);
}

function change(field: string, old: Json, now: Json): Change | undefined {
  return old === now ? undefined : { field, old, new: now };
}

function lines(field: string, old: string | null, now: string | null): Change | undefined {
  if (old === now) return undefined;
  const [before, after] = [old?.split("\n") ?? [], now?.split("\n") ?? []];
  const [removed, added] = [without(before, after), without(after, before)];
  const told = (all: readonly string[], part: number, verb: string): string =>
    `${all.length} ${all.length === 1 ? "line" : "lines"}${part === 0 ? "" : `, ${part} ${verb}`}`;
  return {
    field,
    old: old === null ? null : told(before, removed, "removed"),
    new: now === null ? null : told(after, added, "added"),
  };
}

/** How many lines of one text the other does not have. */
function without(one: readonly string[], other: readonly string[]): number {
  const counts = new Map<string, number>();
  for (const line of other) counts.set(line, (counts.get(line) ?? 0) + 1);
  return one.filter((line) => {
    const left = counts.get(line) ?? 0;
    if (left > 0) counts.set(line, left - 1);
    return left === 0;
  }).length;
}

/** Tokens by name, with what is asked of them. Sample values are not told: they may be as long as one likes. */
function tokens(old: TemplateSettings["tokens"], now: TemplateSettings["tokens"]): Change | undefined {
  if (JSON.stringify(old) === JSON.stringify(now)) return undefined;
  const told = (list: TemplateSettings["tokens"]): string[] =>
    list.map(({ name, required, secret }) => `${name}${required ? ", required" : ""}${secret ? ", secret" : ""}`);
  // Not "tokens": the values of fields of that name are taken for secrets and struck out.
  return { field: "variables", old: told(old), new: told(now) };
}
