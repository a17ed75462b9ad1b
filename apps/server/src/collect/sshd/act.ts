import type { Actor, AuthMethod, Json, Outcome, Target } from "@daybook/contract";

/** What one message says was done; the importer adds when, where and the identity. */
export interface Act {
  action: string;
  outcome: Outcome;
  reason?: string;
  actor: Actor;
  /** What was acted on, before the server itself. */
  targets?: Target[];
  ip?: string;
  auth?: AuthMethod;
  details: Record<string, Json>;
}

/** Names in a log come from whoever knocks: cut to what an event may hold. */
const NAME_LENGTH_MAX = 256;

/** The account of that name; an empty name is nobody's. */
export function account(name: string): Actor {
  const cut = name.slice(0, NAME_LENGTH_MAX);
  return cut === "" ? { type: "anonymous" } : { type: "user", id: cut, name: cut };
}

export function accountTarget(name: string): Target[] {
  const cut = name.slice(0, NAME_LENGTH_MAX);
  return cut === "" ? [] : [{ type: "user", id: cut, name: cut }];
}
