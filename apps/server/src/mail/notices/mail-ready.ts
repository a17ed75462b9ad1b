import type { Deps } from "../../deps.ts";

/** Whether mails of a workspace can go out: somebody to send them, and an address to send them from. Else a notice would lie for days and
 *  then tell of something that is long over. */
export async function mailIsSetUp(
  { config, db, settings }: Pick<Deps, "config" | "db" | "settings">,
  workspaceId: number,
): Promise<boolean> {
  if (settings.of(workspaceId).mailFrom === null) return false;
  if (config.smtpUrl?.enabled === true) return true;
  const { rows } = await db.query<{ there: boolean }>(
    `select exists (select from mail_transport
       where workspace_id = $1 and coalesce((settings->>'enabled')::boolean, true)) as there`,
    [workspaceId],
  );
  return rows[0]?.there === true;
}
