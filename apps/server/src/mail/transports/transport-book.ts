import type { TransportSettings } from "@daybook/contract";
import type { Vault } from "../../access/vault.ts";
import type { Config } from "../../config.ts";
import type { Db } from "../../db/pool.ts";
import { openSecrets, type TransportRow, transportColumns } from "./transport-store.ts";

/** A mail server with what it takes to speak to it. */
export interface TransportRule extends Omit<TransportSettings, "dkim"> {
  name: string;
  source: "api" | "config";
  dkim?: { domain: string; selector: string; privateKey: string } | undefined;
  /** Why its secrets cannot be read: it cannot be used. */
  fault?: string | undefined;
}

/** The mail server of the installation (DAYBOOK_SMTP_URL) among those of a workspace. */
export const configTransport = "config";

/** How long what was read is believed; a change by another server is seen by then. */
const BELIEVED_MS = 2_000;

export interface TransportBookDeps {
  config: Pick<Config, "smtpUrl">;
  db: Db;
  vault: Vault;
}

/** The mail servers of each workspace, in the order in which they are tried. */
export class TransportBook {
  readonly #deps: TransportBookDeps;
  readonly #read = new Map<number, { rules: Promise<TransportRule[]>; untilMs: number }>();

  constructor(deps: TransportBookDeps) {
    this.#deps = deps;
  }

  /** All of a workspace, those that are switched off too; the lowest position first. */
  of(workspaceId: number): Promise<TransportRule[]> {
    const known = this.#read.get(workspaceId);
    if (known !== undefined && known.untilMs > performance.now()) return known.rules;
    const rules = readTransports(this.#deps, workspaceId);
    this.#read.set(workspaceId, { rules, untilMs: performance.now() + BELIEVED_MS });
    rules.catch(() => this.#read.delete(workspaceId));
    return rules;
  }
}

/** The same, as it is now. */
export async function readTransports(deps: TransportBookDeps, workspaceId: number): Promise<TransportRule[]> {
  const { rows } = await deps.db.query<TransportRow>(
    `select ${transportColumns} from mail_transport where workspace_id = $1`,
    [workspaceId],
  );
  const { smtpUrl } = deps.config;
  const rules = rows.map((row) => ruleOf(deps.vault, workspaceId, row));
  if (smtpUrl !== undefined) {
    const { dkim: _, ...settings } = smtpUrl;
    rules.push({ ...settings, name: configTransport, source: "config" });
  }
  return rules.sort((a, b) => a.position - b.position || (a.name < b.name ? -1 : 1));
}

function ruleOf(vault: Vault, workspaceId: number, { name, settings, sealed }: TransportRow): TransportRule {
  const { dkim, ...rest } = settings;
  const rule = { ...rest, name, source: "api" as const };
  try {
    const { password, dkimKey } = openSecrets(vault, workspaceId, name, sealed);
    return {
      ...rule,
      ...(password === undefined ? {} : { password }),
      ...(dkim && dkimKey !== undefined ? { dkim: { ...dkim, privateKey: dkimKey } } : {}),
    };
  } catch (error) {
    return { ...rule, fault: (error as Error).message };
  }
}
