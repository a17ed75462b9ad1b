import type { Querier } from "../../access/staff-store.ts";
import { shippedTemplates } from "../../mail/templates/shipped/shipped-set.ts";

/** A mail template of which the version that is meant to be sent cannot be rendered. */
export interface BrokenTemplate {
  name: string;
  locale: string;
  version: number;
  /** Who saved it. */
  by: string | undefined;
  fault: string;
  /** What is sent instead; 0 is the shipped text, undefined nothing. */
  instead: number | undefined;
}

interface Row {
  name: string;
  locale: string;
  version: number;
  by_name: string | null;
  fault: string | null;
  good: number | null;
}

/** The templates whose current version was set aside when a mail was to be made of it. */
export async function readBrokenTemplates(db: Querier, workspaceId: number): Promise<BrokenTemplate[]> {
  const { rows } = await db.query<Row>(
    `select name, locale, version, by_name, fault,
            (select max(version) from mail_template_version as older
              where older.workspace_id = $1 and older.name = newest.name and older.locale = newest.locale
                and older.good and older.version < newest.version) as good
       from mail_template_version as newest
      where workspace_id = $1 and current and not good order by name, locale`,
    [workspaceId],
  );
  return rows.map((row) => ({
    ...{ name: row.name, locale: row.locale, version: row.version },
    by: row.by_name ?? undefined,
    fault: row.fault ?? "it cannot be rendered",
    instead: row.good ?? (shippedTemplates.get(row.name)?.texts[row.locale] === undefined ? undefined : 0),
  }));
}
