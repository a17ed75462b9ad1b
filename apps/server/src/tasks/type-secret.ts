import type { Vault } from "../access/vault.ts";

const PREFIX = "sealed:";
const place = (workspaceId: number, type: string): string => `task_type/${workspaceId}/${type}`;

/** The secret that signs calls to the panel, as the database may hold it. */
export function sealTypeSecret(vault: Vault, workspaceId: number, type: string, secret: string): string {
  return PREFIX + vault.seal(place(workspaceId, type), Buffer.from(secret)).toString("base64");
}

/** The secret itself. One that was made before secrets were encrypted lies as it is. Throws VaultError. */
export function openTypeSecret(vault: Vault, workspaceId: number, type: string, stored: string): string {
  if (!stored.startsWith(PREFIX)) return stored;
  return vault.open(place(workspaceId, type), Buffer.from(stored.slice(PREFIX.length), "base64")).toString();
}
