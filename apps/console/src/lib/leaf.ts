import type { Event, Json } from "@daybook/contract";
import { hexOf } from "./merkle.ts";

/** Hex digits of a salt and of a commitment. */
const SALT = 32;
const COMMITMENT = 64;
/** Groups of personal values in the order of the salts. */
const groups = ["who", "whom", "what", "summary"] as const;

/**
 * The hash of an event's leaf, computed from what is shown of the event: if it is the one in the tree, then what is shown is what
 * was recorded. SHA-256(0x00 || entry), the entry in canonical JSON (RFC 8785), with personal values as commitments:
 * SHA-256(salt || group), or the kept commitment where the values were erased.
 */
export async function leafHashOf(event: Event, salts: string, workspace: string): Promise<string> {
  const values: Record<(typeof groups)[number], object | string | null> = {
    who: { actor: event.actor, origin: event.origin },
    whom: present({ onBehalfOf: event.onBehalfOf, targets: event.targets.length > 0 ? event.targets : undefined }),
    what: present({ changes: event.changes, details: event.details }),
    summary: event.summary,
  };
  const commitments: Record<string, string> = {};
  for (const [index, name] of groups.entries()) {
    const value = values[name];
    const kept = keptCommitment(salts, index);
    if (kept !== null) commitments[name] = kept;
    else if (value !== null)
      commitments[name] = await sha256(salts.slice(index * SALT, (index + 1) * SALT) + canonical(value as Json));
  }
  const { action, category, id, kind, outcome, project, reason, severity } = event;
  const entry = {
    ...{ action, category, id, kind, outcome, project, reason, severity, workspace, v: 1 },
    ...{ occurredAt: Date.parse(event.occurredAt), recordedAt: Date.parse(event.recordedAt) },
    ...commitments,
  };
  return sha256(`\u0000${canonical(entry as Json)}`);
}

/** JSON as RFC 8785 has it: members sorted by their names' UTF-16 units, no spaces; numbers and strings as JavaScript writes them. */
export function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((name) => value[name] !== undefined)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonical(value[name] as Json)}`);
  return `{${members.join(",")}}`;
}

function present(values: Record<string, unknown>): object | null {
  return Object.values(values).some((value) => value !== undefined) ? values : null;
}

/** Behind the four salts: one byte that says which groups were erased, then their commitments. */
function keptCommitment(salts: string, group: number): string | null {
  const start = groups.length * SALT;
  const mask = Number.parseInt(salts.slice(start, start + 2) || "0", 16);
  if ((mask & (1 << group)) === 0) return null;
  const before = groups.filter((_, other) => other < group && (mask & (1 << other)) !== 0).length;
  return salts.slice(start + 2 + before * COMMITMENT, start + 2 + (before + 1) * COMMITMENT);
}

async function sha256(text: string): Promise<string> {
  return hexOf(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}
