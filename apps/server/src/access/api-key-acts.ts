import { AppError, type createKeySchema, type MintedKey, type Scope, scopesWithin } from "@daybook/contract";
import type { z } from "zod";
import { inTransaction } from "../db/transaction.ts";
import type { Access } from "./access.ts";
import { type AccessDeps, accessEvent, type RequestOrigin } from "./access-events.ts";
import { createKey, revokeKey, rotateKey } from "./api-key-store.ts";

/** Makes a key in the workspace of `access` and records it. Throws `forbidden` for a scope that the maker does not have. */
export async function createApiKey(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  wanted: z.infer<typeof createKeySchema>,
): Promise<MintedKey> {
  checkOwnScopes(access, wanted.scopes);
  const scopes = [...new Set(wanted.scopes)];
  const expiresAt = wanted.expiresAt === undefined ? null : new Date(wanted.expiresAt);
  const key = { workspaceId: access.workspaceId, name: wanted.name, scopes, createdBy: madeBy(access), expiresAt };
  const minted = await createKey(deps.db, key, deps.clock());
  const details = { scopes, ...(minted.expiresAt ? { expiresAt: minted.expiresAt } : {}) };
  await record(deps, access, origin, "api_key.created", minted, details);
  return minted;
}

/** Replaces a key by a new one and records it. Throws `not_found`, `conflict` and `forbidden`. */
export async function rotateApiKey(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  id: string,
  graceSeconds: number,
): Promise<MintedKey> {
  const rotation = { workspaceId: access.workspaceId, id, graceSeconds, createdBy: madeBy(access) };
  const { old, minted } = await inTransaction(deps.db, async (client) => {
    const rotated = await rotateKey(client, rotation, deps.clock());
    checkOwnScopes(access, rotated.old.scopes);
    return rotated;
  });
  await record(deps, access, origin, "api_key.rotated", old, { replacedBy: minted.id, graceSeconds });
  return minted;
}

/** Ends a key at once and records it. Throws `not_found` and `conflict`. */
export async function revokeApiKey(deps: AccessDeps, access: Access, origin: RequestOrigin, id: string): Promise<void> {
  const key = await inTransaction(deps.db, (client) => revokeKey(client, access.workspaceId, id, deps.clock()));
  await record(deps, access, origin, "api_key.revoked", key, undefined);
}

/** Nobody hands on more than they have: a key of an administrator cannot manage staff. */
function checkOwnScopes(access: Access, scopes: readonly Scope[]): void {
  const own = scopesWithin(access.permissions);
  const missing = scopes.filter((scope) => !own.includes(scope));
  if (missing.length > 0)
    throw new AppError("forbidden", `You do not have ${missing.join(", ")} yourself, so no key of yours can.`);
}

function madeBy(access: Access): string {
  return access.email ?? access.name;
}

async function record(
  deps: AccessDeps,
  access: Access,
  origin: RequestOrigin,
  action: string,
  key: { id: string; name: string },
  details: Record<string, string | number | string[]> | undefined,
): Promise<void> {
  const targets = [{ type: "api_key", id: key.id, name: key.name }];
  const event = { action, targets, ...(details ? { details } : {}) };
  await deps.record.write(access.workspaceId, [accessEvent(access, origin, event)]);
}
