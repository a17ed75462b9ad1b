import { AppError, mailLimits, type Template, type TemplateSummary, type TemplateVersion } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { inspect } from "./inspect.ts";
import { nearestLocale } from "./locale-order.ts";
import { resolveDraft, settingsOf } from "./resolve.ts";
import { shippedTemplates } from "./shipped/shipped-set.ts";
import type { TemplateBook } from "./template-book.ts";
import {
  findVersion,
  listCurrent,
  listSettings,
  listVersions,
  type SettingsRow,
  type TemplateSettings,
  type VersionRow,
} from "./template-store.ts";

const SENT_DAYS = 30;

type Current = Awaited<ReturnType<typeof listCurrent>>[number];

/** Every template of a workspace by name: the shipped ones and its own. */
export async function listTemplates(db: Querier, workspaceId: number, nowMs: number): Promise<TemplateSummary[]> {
  const [own, current] = [await listSettings(db, workspaceId), await listCurrent(db, workspaceId)];
  const sent = await sentOf(db, workspaceId, nowMs);
  const rows = new Map(own.map((row) => [row.name, row]));
  const names = [...new Set([...shippedTemplates.keys(), ...rows.keys()])].sort();
  return names.map((name) => {
    const currentOf = current.filter((each) => each.name === name);
    return { ...summaryOf(name, rows.get(name), currentOf), sentLast30Days: sent.get(name) ?? 0 };
  });
}

/** One template in one locale: the one that was asked for, or the nearest to it. Throws not_found. */
export async function readTemplate(
  db: Querier,
  book: TemplateBook,
  workspaceId: number,
  { name, locale: wanted, timeZone }: { name: string; locale?: string | undefined; timeZone: string },
): Promise<Template> {
  const settings = await settingsOf(db, workspaceId, name);
  if (settings === undefined) throw new AppError("not_found", `There is no template ${name}.`);
  const [row] = await listSettings(db, workspaceId, [name]);
  const current = (await listCurrent(db, workspaceId)).filter((each) => each.name === name);
  const summary = summaryOf(name, row, current);
  const locale = nearestLocale(wanted, summary.locales);
  const text = locale === undefined ? undefined : await textOf(db, workspaceId, name, locale);
  if (locale === undefined || text === undefined)
    throw new AppError("not_found", `The template ${name} has no text in any locale.`);
  const { version, ...parts } = text;
  const draft = await resolveDraft(db, workspaceId, { name, timeZone }, settings, { locale, ...parts });
  const { faults } = await inspect(book, workspaceId, draft);
  const shipped = shippedTemplates.get(name)?.texts[locale];
  return {
    ...summary,
    ...{ locale, version, subject: text.subject, html: text.html },
    ...(text.text === null ? {} : { text: text.text }),
    ...{ tokens: settings.tokens, layout: settings.layout, unsubscribe: settings.unsubscribe, faults },
    ...(shipped === undefined ? {} : { default: shipped }),
  };
}

/** What a locale says now, whether it can be rendered or not; version 0 is the shipped text. */
export async function textOf(
  db: Querier,
  workspaceId: number,
  name: string,
  locale: string,
): Promise<{ version: number; subject: string; html: string; text: string | null } | undefined> {
  const row = await findVersion(db, workspaceId, name, locale);
  if (row !== undefined) return { version: row.version, subject: row.subject, html: row.html, text: row.plain };
  const shipped = shippedTemplates.get(name)?.texts[locale];
  return shipped && { version: 0, subject: shipped.subject, html: shipped.html, text: shipped.text ?? null };
}

/** The versions of one locale, the newest first and the shipped one last. Throws not_found. */
export async function readVersions(
  db: Querier,
  workspaceId: number,
  name: string,
  locale: string,
): Promise<TemplateVersion[]> {
  if ((await settingsOf(db, workspaceId, name)) === undefined)
    throw new AppError("not_found", `There is no template ${name}.`);
  const rows = await listVersions(db, workspaceId, name, locale, mailLimits.versionsShown);
  const shipped = shippedTemplates.get(name)?.texts[locale];
  const first: TemplateVersion[] =
    shipped === undefined ? [] : [{ version: 0, locale, current: !rows.some((row) => row.current), ...shipped }];
  return [...rows.map(toVersion), ...first];
}

function toVersion(row: VersionRow): TemplateVersion {
  return {
    ...{ version: row.version, locale: row.locale, at: row.at.toISOString(), current: row.current },
    ...{ subject: row.subject, html: row.html },
    ...(row.plain === null ? {} : { text: row.plain }),
    ...(row.by_name === null ? {} : { by: row.by_name }),
    ...(row.note === null ? {} : { note: row.note }),
  };
}

function summaryOf(name: string, row: SettingsRow | undefined, current: readonly Current[]): TemplateSummary {
  const shipped = shippedTemplates.get(name);
  const settings: TemplateSettings | undefined = row?.settings ?? shipped;
  const broken = current.find((each) => !each.good);
  const locales = new Set([...Object.keys(shipped?.texts ?? {}), ...current.map((each) => each.locale)]);
  return {
    ...{ name, title: settings?.title ?? name, kind: settings?.kind ?? "template" },
    ...(settings?.what === undefined ? {} : { what: settings.what }),
    ...{ shipped: shipped !== undefined, changed: shipped !== undefined && row !== undefined },
    locales: [...locales].sort(),
    ...(row === undefined ? {} : { updatedAt: row.updated_at.toISOString() }),
    ...(row === undefined || row.updated_by === null ? {} : { updatedBy: row.updated_by }),
    ...(broken === undefined
      ? {}
      : { broken: `${broken.locale}, version ${broken.version}: ${broken.fault ?? "it cannot be rendered"}` }),
  };
}

async function sentOf(db: Querier, workspaceId: number, nowMs: number): Promise<Map<string, number>> {
  const { rows } = await db.query<{ template: string; queued: number }>(
    `select template, sum(queued)::int as queued from mail_hour
      where workspace_id = $1 and hour > $2 and template <> '' group by template`,
    [workspaceId, new Date(nowMs - SENT_DAYS * 86_400_000)],
  );
  return new Map(rows.map((row) => [row.template, row.queued]));
}
