import type { Deps } from "../../deps.ts";

/** Whether mails of a workspace can go out: somebody to send them, and an address to send them from. Else a notice would lie for days and
 *  then tell of something that is long over. */
export async function mailIsSetUp(
  { config, db, settings }: Pick<Deps, "config" | "db" | "settings">,
  workspaceId: number,
): Promise<boolean> {
  if (settings.of(workspaceId).mailFrom === null) return false;
  const { rows } = await db.query<{ demo: boolean; there: boolean }>(
    `select settings ? 'demo' as demo, exists (select from mail_transport
        where workspace_id = $1 and coalesce((settings->>'enabled')::boolean, true)) as there
       from workspace where id = $1`,
    [workspaceId],
  );
  // The people of the invented company have addresses that lead nowhere.
  if (rows[0] === undefined || rows[0].demo) return false;
  return rows[0].there || config.smtpUrl?.enabled === true;
}
