import { AppError, type EventInput, mailLimits, type TemplateInput } from "@daybook/contract";
import type { PoolClient } from "pg";
import type { Access } from "../../access/access.ts";
import { accessEvent, type RequestOrigin } from "../../access/access-events.ts";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import { inspect } from "./inspect.ts";
import { partialsIn, resolveDraft, settingsOf } from "./resolve.ts";
import { shippedTemplates } from "./shipped/shipped-set.ts";
import { templateChanges } from "./template-changes.ts";
import {
  addVersion,
  deleteTemplate,
  findVersion,
  listLocales,
  listSettings,
  putSettings,
  resetLocales,
  type TemplateSettings,
} from "./template-store.ts";
import { textOf } from "./template-view.ts";

export type TemplateDeps = Pick<Deps, "db" | "clock" | "record" | "settings" | "templates">;

/** Who changes which template, in which locale. */
export interface TemplateAct {
  access: Access;
  origin: RequestOrigin;
  name: string;
}

type Event = Omit<EventInput, "actor" | "origin" | "targets">;

/** Saves a new version of one locale; one that cannot be rendered is refused with `invalid_template` and its faults. What is the same
 *  already is no change. */
export async function saveTemplate(
  deps: TemplateDeps,
  act: TemplateAct & { locale: string },
  input: TemplateInput,
  more: { restored?: number } = {},
): Promise<void> {
  const { access, name, locale } = act;
  const { workspaceId } = access;
  const before = await settingsOf(deps.db, workspaceId, name);
  const settings = settingsWith(name, before, input);
  await refuseFaulty(deps, act, settings, input);
  const textBefore = await textOf(deps.db, workspaceId, name, locale);
  const text = { subject: input.subject, html: input.html, ...(input.text === undefined ? {} : { text: input.text }) };
  const changes = templateChanges({ settings: before, ...textBefore }, { settings, ...text });
  if (before !== undefined && changes.length === 0) return;
  const by = { name: access.name, atMs: deps.clock() };
  const isTextNew = changes.some(({ field }) => ["subject", "html", "text"].includes(field));
  const version = await inTransaction(deps.db, async (client) => {
    await putSettings(client, workspaceId, name, settings, by);
    if (before === undefined) await refuseTooMany(client, workspaceId);
    if (input.basedOn !== undefined) await refuseOvertaken(client, act, input.basedOn);
    return isTextNew ? addVersion(client, workspaceId, name, locale, { ...text, note: input.note }, by) : undefined;
  });
  deps.templates.forget(workspaceId);
  await tell(deps, act, settings.title, {
    action: before === undefined ? "mail.template.created" : "mail.template.updated",
    changes,
    details: {
      locale,
      ...(version === undefined ? {} : { version }),
      ...(input.note ? { note: input.note } : {}),
      ...more,
    },
  });
}

/** Makes an older version the newest once more; 0 brings back what is shipped. Throws not_found. */
export async function restoreVersion(
  deps: TemplateDeps,
  act: TemplateAct & { locale: string },
  version: number,
): Promise<void> {
  const { access, name, locale } = act;
  if (version === 0) {
    if (shippedTemplates.get(name)?.texts[locale] === undefined)
      throw new AppError("not_found", `The template ${name} is not shipped in the locale ${locale}.`);
    return removeTemplate(deps, act, locale);
  }
  const row = await findVersion(deps.db, access.workspaceId, name, locale, version);
  if (row === undefined) throw new AppError("not_found", `${name} has no version ${version} in the locale ${locale}.`);
  const input = { subject: row.subject, html: row.html, ...(row.plain === null ? {} : { text: row.plain }) };
  await saveTemplate(deps, act, { ...input, note: `Version ${version} again` }, { restored: version });
}

/** Brings a shipped template back to what is shipped, in one locale or in all; deletes one of the workspace's own. Throws `not_found`, and
 *  `template_in_use` for a partial that others render. */
export async function removeTemplate(deps: TemplateDeps, act: TemplateAct, locale?: string): Promise<void> {
  const { workspaceId } = act.access;
  const settings = await settingsOf(deps.db, workspaceId, act.name);
  if (settings === undefined) throw new AppError("not_found", `There is no template ${act.name}.`);
  const shipped = shippedTemplates.get(act.name);
  const locales = await listLocales(deps.db, workspaceId, act.name);
  const isChanged = (await listSettings(deps.db, workspaceId, [act.name])).length > 0;
  if (locale !== undefined && !locales.includes(locale)) {
    if (shipped?.texts[locale] !== undefined) return;
    throw new AppError("not_found", `The template ${act.name} has no text in the locale ${locale}.`);
  }
  if (shipped !== undefined && !isChanged) return;
  const ends = shipped === undefined && (locale === undefined || locales.length === 1);
  await inTransaction(deps.db, async (client) => {
    if (ends) await refuseInUse(client, workspaceId, act.name);
    const remove = shipped === undefined ? deleteTemplate : resetLocales;
    await remove(client, workspaceId, act.name, ends ? undefined : locale);
  });
  deps.templates.forget(workspaceId);
  await tell(deps, act, settings.title, {
    action: shipped === undefined ? "mail.template.deleted" : "mail.template.reset",
    details: { locales: locale === undefined ? locales : [locale] },
  });
}

/** Puts an act on a template on record. */
export async function tell(deps: TemplateDeps, act: TemplateAct, title: string, event: Event): Promise<void> {
  const targets = [{ type: "mail_template", id: act.name, name: title }];
  await deps.record.write(act.access.workspaceId, [accessEvent(act.access, act.origin, { ...event, targets })]);
}

function settingsWith(name: string, before: TemplateSettings | undefined, input: TemplateInput): TemplateSettings {
  const kind = input.kind ?? before?.kind ?? "template";
  if (before !== undefined && kind !== before.kind)
    throw new AppError("invalid_request", `${name} is a ${before.kind}, and stays one: others may depend on it.`);
  const what = input.what ?? before?.what;
  return {
    title: input.title ?? before?.title ?? name,
    ...(what === undefined ? {} : { what }),
    kind,
    tokens: input.tokens ?? before?.tokens ?? [],
    layout: kind === "template" && (input.layout ?? before?.layout ?? true),
    unsubscribe: input.unsubscribe ?? before?.unsubscribe ?? false,
  };
}

async function refuseFaulty(
  deps: TemplateDeps,
  { access, name, locale }: TemplateAct & { locale: string },
  settings: TemplateSettings,
  input: TemplateInput,
): Promise<void> {
  const { timeZone } = deps.settings.of(access.workspaceId);
  const text = { locale, subject: input.subject, html: input.html, text: input.text ?? null };
  const draft = await resolveDraft(deps.db, access.workspaceId, { name, timeZone }, settings, text);
  const { faults } = await inspect(deps.templates, access.workspaceId, draft);
  const worst = faults.find((fault) => fault.severity === "error");
  if (worst === undefined) return;
  const where =
    worst.line === undefined ? worst.part : `${worst.part}, line ${worst.line}, column ${worst.column ?? 1}`;
  throw new AppError("invalid_template", `It was not saved. ${where}: ${worst.message}.`, { extra: { faults } });
}

/** Behind the lock of the settings' row: of two who changed the same version only the first saves. */
async function refuseOvertaken(
  client: PoolClient,
  { access, name, locale }: TemplateAct & { locale: string },
  basedOn: number,
): Promise<void> {
  const current = await findVersion(client, access.workspaceId, name, locale);
  const version = current?.version ?? 0;
  if (version === basedOn) return;
  const who = current?.by_name ? `, by ${current.by_name}` : "";
  throw new AppError(
    "conflict",
    `The text in ${locale} is no longer version ${basedOn}: version ${version} came in between${who}. Read it, and save yours over it if that is meant.`,
  );
}

async function refuseTooMany(client: PoolClient, workspaceId: number): Promise<void> {
  const { length } = await listSettings(client, workspaceId);
  if (length <= mailLimits.templatesMax) return;
  throw new AppError("conflict", `A workspace has ${mailLimits.templatesMax} templates at most. Delete one first.`);
}

async function refuseInUse(client: PoolClient, workspaceId: number, name: string): Promise<void> {
  const { rows } = await client.query<{ name: string; subject: string; html: string; plain: string | null }>(
    `select name, subject, html, plain from mail_template_version
      where workspace_id = $1 and current and name <> $2 and position($2 in subject || html || coalesce(plain, '')) > 0`,
    [workspaceId, name],
  );
  const users = rows
    .filter((row) => partialsIn(row.subject, row.html, row.plain).includes(name))
    .map((row) => row.name);
  if (users.length === 0) return;
  const list = [...new Set(users)].sort();
  throw new AppError("template_in_use", `${list.join(", ")} would be without ${name}: take it out there first.`, {
    extra: { usedBy: list },
  });
}
