import type { TemplateText, TemplateToken } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";

/** What holds for all locales of a template, as `mail_template.settings` keeps it. */
export interface TemplateSettings {
  title: string;
  what?: string | undefined;
  kind: "template" | "partial";
  tokens: TemplateToken[];
  layout: boolean;
  unsubscribe: boolean;
}

export interface SettingsRow {
  name: string;
  settings: TemplateSettings;
  updated_at: Date;
  updated_by: string | null;
}

/** One version of one locale. */
export interface VersionRow {
  name: string;
  locale: string;
  version: number;
  subject: string;
  html: string;
  plain: string | null;
  at: Date;
  by_name: string | null;
  note: string | null;
  good: boolean;
  fault: string | null;
  current: boolean;
}

const versionColumns = "name, locale, version, subject, html, plain, at, by_name, note, good, fault, current";

/** The settings of templates that the workspace has changed or added; of all, or of those named. */
export async function listSettings(
  db: Querier,
  workspaceId: number,
  names?: readonly string[],
): Promise<SettingsRow[]> {
  const { rows } = await db.query<SettingsRow>(
    `select name, settings, updated_at, updated_by from mail_template
      where workspace_id = $1 and ($2::text[] is null or name = any($2)) order by name`,
    [workspaceId, names ?? null],
  );
  return rows;
}

/** What is sent: of every locale the newest version that can be rendered, not newer than the current one; without some, told as
 *  "name locale version". */
export async function listInForce(
  db: Querier,
  workspaceId: number,
  names: readonly string[],
  without: readonly string[] = [],
): Promise<VersionRow[]> {
  const { rows } = await db.query<VersionRow>(
    `select distinct on (name, locale) ${versionColumns} from mail_template_version as each
      where workspace_id = $1 and name = any($2) and good and not (name || ' ' || locale || ' ' || version = any($3::text[])) and exists (
        select from mail_template_version as newest
         where newest.workspace_id = $1 and newest.name = each.name and newest.locale = each.locale
           and newest.current and newest.version >= each.version)
      order by name, locale, version desc`,
    [workspaceId, names, without],
  );
  return rows;
}

/** The current version of every locale, without its text. */
export async function listCurrent(
  db: Querier,
  workspaceId: number,
): Promise<Pick<VersionRow, "name" | "locale" | "version" | "good" | "fault" | "at" | "by_name">[]> {
  const { rows } = await db.query(
    `select name, locale, version, good, fault, at, by_name from mail_template_version
      where workspace_id = $1 and current order by name, locale`,
    [workspaceId],
  );
  return rows;
}

/** The current version of one locale, or one by its number. */
export async function findVersion(
  db: Querier,
  workspaceId: number,
  name: string,
  locale: string,
  version?: number,
): Promise<VersionRow | undefined> {
  const { rows } = await db.query<VersionRow>(
    `select ${versionColumns} from mail_template_version
      where workspace_id = $1 and name = $2 and locale = $3 and ($4::int is null and current or version = $4)`,
    [workspaceId, name, locale, version ?? null],
  );
  return rows[0];
}

/** The newest versions of one locale, newest first. */
export async function listVersions(
  db: Querier,
  workspaceId: number,
  name: string,
  locale: string,
  most: number,
): Promise<VersionRow[]> {
  const { rows } = await db.query<VersionRow>(
    `select ${versionColumns} from mail_template_version
      where workspace_id = $1 and name = $2 and locale = $3 order by version desc limit $4`,
    [workspaceId, name, locale, most],
  );
  return rows;
}

/** Locales that have a current version. */
export async function listLocales(db: Querier, workspaceId: number, name: string): Promise<string[]> {
  const { rows } = await db.query<{ locale: string }>(
    "select locale from mail_template_version where workspace_id = $1 and name = $2 and current order by locale",
    [workspaceId, name],
  );
  return rows.map((row) => row.locale);
}

/** Writes the settings; the row is locked until the transaction ends, so that versions are numbered one after the other. */
export async function putSettings(
  db: Querier,
  workspaceId: number,
  name: string,
  settings: TemplateSettings,
  by: { name: string; atMs: number },
): Promise<void> {
  await db.query(
    `insert into mail_template (workspace_id, name, settings, updated_at, updated_by) values ($1, $2, $3, $4, $5)
     on conflict (workspace_id, name) do update
       set settings = excluded.settings, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    [workspaceId, name, settings, new Date(by.atMs), by.name],
  );
}

/** Adds a version and makes it current. Gives its number. */
export async function addVersion(
  db: Querier,
  workspaceId: number,
  name: string,
  locale: string,
  text: TemplateText & { note?: string | undefined },
  by: { name: string; atMs: number },
): Promise<number> {
  await db.query(
    "update mail_template_version set current = false where workspace_id = $1 and name = $2 and locale = $3 and current",
    [workspaceId, name, locale],
  );
  const { rows } = await db.query<{ version: number }>(
    `insert into mail_template_version (workspace_id, name, locale, version, subject, html, plain, at, by_name, note, current)
     select $1, $2, $3, coalesce(max(version), 0) + 1, $4, $5, $6, $7, $8, $9, true
       from mail_template_version where workspace_id = $1 and name = $2 and locale = $3
     returning version`,
    [
      workspaceId,
      name,
      locale,
      text.subject,
      text.html,
      text.text ?? null,
      new Date(by.atMs),
      by.name,
      text.note ?? null,
    ],
  );
  return rows[0]?.version ?? 0;
}

/** Notes that a version cannot be rendered. False if that was known. */
export async function markBroken(
  db: Querier,
  workspaceId: number,
  { name, locale, version }: { name: string; locale: string; version: number },
  fault: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update mail_template_version set good = false, fault = $5
      where workspace_id = $1 and name = $2 and locale = $3 and version = $4 and good`,
    [workspaceId, name, locale, version, fault],
  );
  return (rowCount ?? 0) > 0;
}

/** Leaves no version of the locale, or of any, current: what is shipped holds. The versions stay. */
export async function resetLocales(db: Querier, workspaceId: number, name: string, locale?: string): Promise<void> {
  await db.query(
    `update mail_template_version set current = false
      where workspace_id = $1 and name = $2 and current and ($3::text is null or locale = $3)`,
    [workspaceId, name, locale ?? null],
  );
  await db.query(
    `delete from mail_template as template where workspace_id = $1 and name = $2 and not exists (
       select from mail_template_version where workspace_id = $1 and name = template.name and current)`,
    [workspaceId, name],
  );
}

/** Deletes a template, or one locale of it, with its versions. */
export async function deleteTemplate(db: Querier, workspaceId: number, name: string, locale?: string): Promise<void> {
  await db.query(
    "delete from mail_template_version where workspace_id = $1 and name = $2 and ($3::text is null or locale = $3)",
    [workspaceId, name, locale ?? null],
  );
  await db.query(
    `delete from mail_template as template where workspace_id = $1 and name = $2 and not exists (
       select from mail_template_version where workspace_id = $1 and name = template.name)`,
    [workspaceId, name],
  );
}
