import { AppError } from "@daybook/contract";
import type { Pool, PoolClient } from "pg";

/** How long one search may take before it is given up with an error that says how to narrow it. */
export const SEARCH_MS_MAX = 15_000;

/** PostgreSQL's query_canceled: what a statement_timeout ends with. */
const CANCELLED = "57014";

export const wasCancelled = (error: unknown): boolean => (error as { code?: unknown }).code === CANCELLED;

/**
 * Runs reads in one read-only transaction on one snapshot, with a time limit for each statement.
 * Throws AppError search_timeout when it is met.
 */
export async function reading<T>(db: Pool, timeoutMs: number, read: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await db.connect();
  let broken = false;
  try {
    // Searches are many short statements: compiling them (JIT) costs more than it saves.
    await client.query(
      `begin isolation level repeatable read read only; set local statement_timeout = ${Math.round(timeoutMs)}; set local jit = off`,
    );
    const result = await read(client);
    await client.query("commit");
    return result;
  } catch (error) {
    broken = await client.query("rollback").then(
      () => false,
      () => true,
    );
    if (!wasCancelled(error)) throw error;
    const detail = `The search took longer than ${timeoutMs / 1000} s. Narrow the time range, or add a value without * for a key (actor, target, ip, …).`;
    throw new AppError("search_timeout", detail, { cause: error });
  } finally {
    client.release(broken);
  }
}
