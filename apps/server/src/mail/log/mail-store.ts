import { AppError } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { type MailRow, mailColumns } from "../mail-row.ts";

/** One mail. Throws not_found. */
export async function readMail(db: Querier, workspaceId: number, id: string): Promise<MailRow> {
  const { rows } = await db.query<MailRow>(
    `select ${mailColumns} from mail_message where workspace_id = $1 and id = $2`,
    [workspaceId, id],
  );
  if (rows[0] === undefined) throw new AppError("not_found", `There is no mail ${id} in this workspace.`);
  return rows[0];
}
