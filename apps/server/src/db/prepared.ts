import { createHash } from "node:crypto";
import type { QueryConfig } from "pg";

/**
 * A statement that each connection plans once instead of every time: for those that run again and again with the same few tables, whose plan
 * does not depend on the values. `text` never changes while the process runs.
 */
export function prepared(text: string): (values: unknown[]) => QueryConfig {
  const name = createHash("sha256").update(text).digest("base64url").slice(0, 16);
  return (values) => ({ name, text, values });
}
