import type { Pool } from "pg";
import { createMonths } from "../tasks/partitions.ts";

const tables = {
  mail_message: "id",
  mail_text: "message_id",
  mail_content: "message_id",
  mail_attempt: "message_id",
  mail_happening: "message_id",
};

/** Makes the partitions of mails: of this month and the next ones. */
export function createMailPartitions(ownerDb: Pool, nowMs: number): Promise<void> {
  return createMonths(ownerDb, tables, "daybook.mail-partitions", nowMs);
}
