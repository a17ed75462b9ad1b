import { hash } from "node:crypto";
import { AppError, formatQuery } from "@daybook/contract";
import { sightKey } from "../sight.ts";
import type { SearchScope } from "./plan.ts";

export type Order = "desc" | "asc";

/** How many events match: exactly, or at least so many. */
export interface Total {
  value: number;
  relation: "eq" | "gte";
}

/** The place of an event in a list: lists are ordered by time, then by place in the log. */
export interface Place {
  occurredAtMs: number;
  seq: number;
}

/** Where a list goes on: after `place`. The total of the first page goes along, so that it is counted once. */
export interface Cursor extends Place {
  total: Total;
}

/** An opaque text for a cursor of this list; another query, range or order does not take it. */
export function encodeCursor(scope: SearchScope, order: Order, cursor: Cursor): string {
  const { occurredAtMs, seq, total } = cursor;
  const parts = [1, occurredAtMs, seq, total.value, total.relation === "eq" ? 1 : 0, listHash(scope, order)];
  return Buffer.from(parts.join(".")).toString("base64url");
}

/** Throws AppError invalid_cursor when the text is no cursor of this list. */
export function decodeCursor(scope: SearchScope, order: Order, text: string): Cursor {
  const found = /^1\.(-?\d{1,15})\.(\d{1,15})\.(\d{1,15})\.([01])\.([0-9a-f]{16})$/.exec(
    Buffer.from(text, "base64url").toString("latin1"),
  );
  if (found === null) throw new AppError("invalid_cursor", "The cursor is not one that a list gave out.");
  const [, occurredAtMs, seq, total, exact, list] = found;
  if (list !== listHash(scope, order)) {
    const detail =
      "The cursor belongs to a list with another query, range, order or reader. Begin again without a cursor.";
    throw new AppError("invalid_cursor", detail);
  }
  return {
    occurredAtMs: Number(occurredAtMs),
    seq: Number(seq),
    total: { value: Number(total), relation: exact === "1" ? "eq" : "gte" },
  };
}

function listHash(scope: SearchScope, order: Order): string {
  const { workspaceId, sight, query, fromMs, toMs, seqMax } = scope;
  const range = [fromMs ?? null, toMs ?? null, seqMax ?? null];
  const list = JSON.stringify([workspaceId, sightKey(sight), formatQuery(query), ...range, order]);
  return hash("sha256", list, "hex").slice(0, 16);
}
