import type { MailClass } from "@daybook/contract";
import { inTransaction } from "../../db/transaction.ts";
import type { Deps } from "../../deps.ts";
import { deliveryType } from "../accept-mails.ts";

/** What another setting of the mail servers mends. */
const mendable: readonly MailClass[] = ["no_transport", "dns", "connect", "tls", "login_refused", "sender_refused"];
/** By then all workers know the mail servers as they are now (transport-book.ts). */
const KNOWN_AFTER_MS = 3_000;

/** Has the mails tried again at once that wait for a reason that may be mended, now that a mail server was set up. Returns how many. */
export async function wakeWaiting(deps: Pick<Deps, "db" | "clock">, workspaceId: number): Promise<number> {
  const at = new Date(deps.clock() + KNOWN_AFTER_MS).toISOString();
  return inTransaction(deps.db, async (client) => {
    const { rows } = await client.query<{ task_id: string }>(
      `update mail_message set next_try_at = $3
        where workspace_id = $1 and status = 0 and class = any($2) and next_try_at > $3 and task_id is not null returning task_id`,
      [workspaceId, mendable, at],
    );
    const taskIds = rows.map(({ task_id: id }) => id);
    const tasks = [workspaceId, taskIds];
    await client.query(
      "update task set run_at = $3 where workspace_id = $1 and id = any($2::uuid[]) and status = 0 and run_at > $3",
      [...tasks, at],
    );
    await client.query(
      `update pgboss.job set start_after = now() + make_interval(secs => $3)
        where name = $1 and state < 'active' and start_after > now() and data->>'taskId' = any($2)`,
      [deliveryType, taskIds, KNOWN_AFTER_MS / 1_000],
    );
    return taskIds.length;
  });
}
