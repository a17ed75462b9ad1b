import { AppError, type Json, type MailContent } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";

interface ContentRow {
  headers: [string, string][];
  variables: Json;
  html: string | null;
  plain: string | null;
  attachments: MailContent["attachments"];
  masked: number;
  body_hash: Buffer | null;
}

/** What a mail said, as it is kept: one-time links and codes masked. Throws not_found for a mail of which nothing is kept. */
export async function readContent(db: Querier, workspaceId: number, id: string): Promise<MailContent> {
  const { rows } = await db.query<ContentRow>(
    `select headers, variables, html, plain, attachments, masked, body_hash
       from mail_content as kept join mail_message as mail on mail.workspace_id = kept.workspace_id and mail.id = kept.message_id
      where kept.workspace_id = $1 and kept.message_id = $2 and mail.id = $2`,
    [workspaceId, id],
  );
  const [row] = rows;
  if (row === undefined)
    throw new AppError("not_found", "What this mail said is not kept: it was only reported, or read from a log.");
  return {
    headers: row.headers.map(([name, value]) => ({ name, value })),
    attachments: row.attachments,
    masked: row.masked,
    ...(row.variables === null ? {} : { variables: row.variables }),
    ...(row.html === null ? {} : { html: row.html }),
    ...(row.plain === null ? {} : { text: row.plain }),
    ...(row.body_hash === null ? {} : { sha256: row.body_hash.toString("hex") }),
  };
}
