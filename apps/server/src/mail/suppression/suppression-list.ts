import { AppError, fold, limits, type Suppression, type SuppressionReason } from "@daybook/contract";
import type { Querier } from "../../access/staff-store.ts";
import { maskText } from "../../record/personal.ts";
import { likePattern } from "../../record/search/parameters.ts";
import { type SuppressionRow, suppressionColumns, toSuppression } from "./suppression-store.ts";

export interface SuppressionQuestion {
  /** A part of the address or of the note. */
  q?: string | undefined;
  reason?: readonly SuppressionReason[] | undefined;
  limit: number;
  cursor?: string | undefined;
  /** Whether the caller may see addresses. Else they are masked, and only notes are searched, of what is shown of them. */
  personal: boolean;
}

/** A page of the suppression list, the newest first. */
export interface SuppressionPage {
  items: Suppression[];
  nextCursor: string | null;
  total: { value: number; relation: "eq" | "gte" };
}

/** The addresses that get no mail. Throws `invalid_cursor`. */
export async function listSuppressions(
  db: Querier,
  workspaceId: number,
  question: SuppressionQuestion,
): Promise<SuppressionPage> {
  const { limit, cursor, personal } = question;
  const parameters: unknown[] = [workspaceId];
  const bind = (value: unknown): string => `$${parameters.push(value)}`;
  const where = ["workspace_id = $1", ...conditions(question, bind)];
  const counted = await db.query<{ count: number }>(
    `select count(*) as count from (select from mail_suppression where ${where.join(" and ")} limit ${limits.countLargeMax + 1}) as found`,
    [...parameters],
  );
  if (cursor !== undefined) where.push(`event_id < ${bind(placeOf(cursor))}::uuid`);
  const { rows } = await db.query<SuppressionRow>(
    `select ${suppressionColumns} from mail_suppression where ${where.join(" and ")} order by event_id desc limit ${bind(limit + 1)}`,
    parameters,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const count = counted.rows[0]?.count ?? 0;
  return {
    items: page.map((row) => (personal ? toSuppression(row) : maskSuppression(toSuppression(row)))),
    // The id and not the address: a cursor may be shown to those who may not see addresses.
    nextCursor: rows.length > limit && last ? Buffer.from(last.event_id).toString("base64url") : null,
    total:
      count > limits.countLargeMax
        ? { value: limits.countLargeMax, relation: "gte" }
        : { value: count, relation: "eq" },
  };
}

/** A row of the list as those see it who may not see personal data. */
export function maskSuppression(suppression: Suppression): Suppression {
  const { note, by } = suppression;
  return {
    ...suppression,
    address: maskText(suppression.address),
    ...(by === undefined ? {} : { by: maskText(by) }),
    ...(note === undefined ? {} : { note: maskText(note) }),
  };
}

function conditions({ q, reason, personal }: SuppressionQuestion, bind: (value: unknown) => string): string[] {
  const found: string[] = [];
  if (reason !== undefined) found.push(`reason = any(${bind([...reason])}::text[])`);
  for (const word of fold(q ?? "")
    .split(/\s+/)
    .filter(Boolean)) {
    const pattern = bind(`%${likePattern([word])}%`);
    found.push(
      personal
        ? `(address_key like ${pattern} or lower(note) like ${pattern})`
        : `lower(mask_personal(note)) like ${pattern}`,
    );
  }
  return found;
}

function placeOf(cursor: string): string {
  const id = Buffer.from(cursor, "base64url").toString();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
    throw new AppError("invalid_cursor", "The cursor is not one of this list. Take nextCursor of the page before.");
  return id;
}
