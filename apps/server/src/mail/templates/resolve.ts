import { hash } from "node:crypto";
import { AppError } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { nearestLocale } from "./locale-order.ts";
import type { RenderSource } from "./render-job.ts";
import { shippedTemplates } from "./shipped/shipped-set.ts";
import { listInForce, listSettings, type TemplateSettings } from "./template-store.ts";

/** The partial around the HTML of templates that have `layout`. */
export const LAYOUT = "layout";
/** A partial may render others, so deep. */
const DEPTH_MAX = 5;

/** Which version of a template is used; 0 is the shipped one. */
export interface UsedVersion {
  name: string;
  locale: string;
  version: number;
}

/** A template as it would be sent now. */
export interface ResolvedTemplate extends UsedVersion {
  settings: TemplateSettings;
  source: RenderSource;
  /** The same for the same source. */
  key: string;
  /** The partials in it, the layout too. */
  partials: UsedVersion[];
}

interface Text extends UsedVersion {
  subject: string;
  html: string;
  text: string | null;
}

export interface ResolveWish {
  name: string;
  locale?: string | undefined;
  timeZone: string;
  /** Versions that are not to be used, as `placeOf` tells them. */
  without?: readonly string[];
  /** Nothing that the workspace has changed. */
  asShipped?: boolean | undefined;
}

/** One version among all of a workspace's. */
export const placeOf = ({ name, locale, version }: UsedVersion): string => `${name} ${locale} ${version}`;

/** Finds what is to be rendered: of each locale the newest version that can be, else what is shipped. Throws `not_found`, and
 *  `invalid_template` for one of which no version can be rendered. */
export async function resolveTemplate(db: Querier, workspaceId: number, wish: ResolveWish): Promise<ResolvedTemplate> {
  const found = new Map<string, Text[]>();
  await loadTexts(db, workspaceId, [wish.name, LAYOUT], found, wish);
  const settings =
    wish.asShipped === true ? shippedTemplates.get(wish.name) : await settingsOf(db, workspaceId, wish.name);
  if (settings === undefined) throw new AppError("not_found", `There is no template ${wish.name}.`);
  const text = pick(found.get(wish.name), wish.locale);
  if (text === undefined)
    throw new AppError("invalid_template", `No version of the template ${wish.name} can be rendered.`);
  return assemble(db, workspaceId, { ...wish, settings, text, found });
}

/** The same around a text that is not saved. */
export async function resolveDraft(
  db: Querier,
  workspaceId: number,
  wish: ResolveWish,
  settings: TemplateSettings,
  draft: { locale: string; subject: string; html: string; text: string | null },
): Promise<ResolvedTemplate> {
  const found = new Map<string, Text[]>();
  await loadTexts(db, workspaceId, [LAYOUT], found);
  const text = { name: wish.name, version: 0, ...draft };
  return assemble(db, workspaceId, { ...wish, settings, text, found });
}

/** What holds for all locales: as the workspace set it, else as shipped. */
export async function settingsOf(
  db: Querier,
  workspaceId: number,
  name: string,
): Promise<TemplateSettings | undefined> {
  const own = (await listSettings(db, workspaceId, [name]))[0]?.settings;
  return own ?? shippedTemplates.get(name);
}

/** Partials that a text names. */
export function partialsIn(...texts: (string | null | undefined)[]): string[] {
  const names = new Set<string>();
  for (const text of texts)
    for (const match of text?.matchAll(/(?:\{%-?|^)\s*render\s+["']([a-z0-9_-]{1,60})["']/gm) ?? [])
      names.add(match[1] ?? "");
  return [...names];
}

interface Assembly extends ResolveWish {
  settings: TemplateSettings;
  text: Text;
  found: Map<string, Text[]>;
}

async function assemble(
  db: Querier,
  workspaceId: number,
  { settings, text, found, timeZone, without, asShipped }: Assembly,
): Promise<ResolvedTemplate> {
  const layout = settings.layout ? pick(found.get(LAYOUT), text.locale) : undefined;
  const used: Text[] = layout === undefined ? [] : [layout];
  let wanted = partialsIn(text.html, text.text, text.subject, layout?.html);
  const partials: Record<string, string> = {};
  for (let depth = 0; depth < DEPTH_MAX && wanted.length > 0; depth++) {
    await loadTexts(db, workspaceId, wanted, found, { without, asShipped });
    const picked = wanted.flatMap((name) => pick(found.get(name), text.locale) ?? []);
    // A partial of which no version can be rendered is left out: mail goes on, and a finding tells of it.
    for (const name of wanted) partials[name] = picked.find((each) => each.name === name)?.html ?? "";
    used.push(...picked);
    wanted = partialsIn(...picked.map(({ html }) => html)).filter((name) => !Object.hasOwn(partials, name));
  }
  const { subject, html, locale } = text;
  const source = { subject, html, text: text.text, layout: layout?.html ?? null, partials, locale, timeZone };
  return {
    ...{ name: text.name, locale, version: text.version, settings, source },
    key: hash("sha256", JSON.stringify(source), "base64url"),
    partials: used.map((each) => ({ name: each.name, locale: each.locale, version: each.version })),
  };
}

async function loadTexts(
  db: Querier,
  workspaceId: number,
  names: readonly string[],
  found: Map<string, Text[]>,
  { without, asShipped }: { without?: readonly string[] | undefined; asShipped?: boolean | undefined } = {},
): Promise<void> {
  const missing = names.filter((name) => !found.has(name));
  if (missing.length === 0) return;
  const rows = asShipped === true ? [] : await listInForce(db, workspaceId, missing, without);
  for (const name of missing) {
    const own = rows
      .filter((row) => row.name === name)
      .map(({ locale, version, subject, html, plain }) => ({ name, locale, version, subject, html, text: plain }));
    const shipped = Object.entries(shippedTemplates.get(name)?.texts ?? {})
      .filter(([locale]) => own.every((each) => each.locale !== locale))
      .map(([locale, { subject, html, text = null }]) => ({ name, locale, version: 0, subject, html, text }));
    found.set(name, [...own, ...shipped]);
  }
}

function pick(texts: readonly Text[] | undefined, locale: string | undefined): Text | undefined {
  const nearest = nearestLocale(
    locale,
    (texts ?? []).map((each) => each.locale),
  );
  return texts?.find((each) => each.locale === nearest);
}
