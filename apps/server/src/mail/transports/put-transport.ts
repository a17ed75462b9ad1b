import { AppError, type Change, type Json, mailLimits, type TransportSettings } from "@daybook/contract";
import { VaultError } from "../../access/vault.ts";
import type { Deps } from "../../deps.ts";
import { isNeverCalled } from "../../net/callable-address.ts";
import { checkDkimKey } from "./dkim-record.ts";
import { configTransport } from "./transport-book.ts";
import {
  findTransport,
  openSecrets,
  saveTransport,
  type TransportRow,
  type TransportSecrets,
} from "./transport-store.ts";

type Settings = TransportRow["settings"];

/**
 * Sets up a mail server. Throws `setting_fixed`, `invalid_request`, `address_refused`.
 *  1. Keep what was not given of the secrets; the password not for another host, whose owner would be told it.
 *  2. Store the settings, and the secrets encrypted.
 * Returns what changed, without secrets.
 */
export async function putTransport(
  deps: Pick<Deps, "db" | "vault" | "clock">,
  workspaceId: number,
  name: string,
  given: TransportSettings,
): Promise<{ changes: Change[] }> {
  refuseConfig(name);
  checkHost(given.host);
  const before = await findTransport(deps.db, workspaceId, name);
  if (before === undefined) await checkCount(deps, workspaceId);
  const { password, dkim, ...rest } = given;
  const known = before === undefined ? {} : readable(deps, workspaceId, before);
  const secrets: TransportSecrets = {
    password: passwordOf(given, before, known),
    dkimKey: dkimKeyOf(dkim, before, known),
  };
  const signs =
    dkim === undefined
      ? before?.settings.dkim
      : dkim === null
        ? undefined
        : { domain: dkim.domain, selector: dkim.selector };
  const settings: Settings = { ...rest, ...(signs === undefined ? {} : { dkim: signs }) };
  await saveTransport(deps.db, deps.vault, workspaceId, { name, settings, secrets, atMs: deps.clock() });
  return {
    changes: changesOf(before?.settings ?? {}, settings, password !== undefined || dkim?.privateKey !== undefined),
  };
}

/** The installation's own mail server is not a workspace's to change. Throws `setting_fixed`. */
export function refuseConfig(name: string): void {
  if (name !== configTransport) return;
  throw new AppError("setting_fixed", "The mail server config is that of the installation: change DAYBOOK_SMTP_URL.");
}

/** What is kept of the secrets; nothing, if the key of the installation is another by now. */
function readable(deps: Pick<Deps, "vault">, workspaceId: number, { name, sealed }: TransportRow): TransportSecrets {
  try {
    return openSecrets(deps.vault, workspaceId, name, sealed);
  } catch (error) {
    if (error instanceof VaultError) return {};
    throw error;
  }
}

function passwordOf(
  given: TransportSettings,
  before: TransportRow | undefined,
  known: TransportSecrets,
): string | undefined {
  if (given.password !== undefined) return given.password;
  if (given.user === undefined) return undefined;
  if (known.password !== undefined && before !== undefined && hostOf(before.settings) !== hostOf(given))
    throw new AppError("invalid_request", "The host has changed: enter the password again.", {
      errors: [{ pointer: "/password", code: "required", message: "is needed again for another host" }],
    });
  return known.password;
}

/** To whom the password is told: less protection of the line counts as another. */
function hostOf({
  host,
  security,
  allowSelfSigned,
}: Pick<TransportSettings, "host" | "security" | "allowSelfSigned">): string {
  return `${host.toLowerCase()} ${security === "none"} ${allowSelfSigned}`;
}

function dkimKeyOf(
  dkim: TransportSettings["dkim"],
  before: TransportRow | undefined,
  known: TransportSecrets,
): string | undefined {
  if (dkim === null) return undefined;
  if (dkim === undefined) return before?.settings.dkim === undefined ? undefined : known.dkimKey;
  const key = dkim.privateKey ?? known.dkimKey;
  if (key === undefined)
    throw new AppError("invalid_request", "DKIM needs a private key.", {
      errors: [{ pointer: "/dkim/privateKey", code: "required", message: "is needed" }],
    });
  checkDkimKey(key);
  return key;
}

function checkHost(host: string): void {
  if (/^[\d.]+$|:/.test(host) && isNeverCalled(host))
    throw new AppError("address_refused", `${host} is never a mail server.`);
}

async function checkCount(deps: Pick<Deps, "db">, workspaceId: number): Promise<void> {
  const { rows } = await deps.db.query<{ count: number }>(
    "select count(*)::int as count from mail_transport where workspace_id = $1",
    [workspaceId],
  );
  if ((rows[0]?.count ?? 0) >= mailLimits.transportsMax)
    throw new AppError(
      "invalid_request",
      `A workspace has at most ${mailLimits.transportsMax} mail servers (transportsMax).`,
    );
}

function changesOf(before: object, after: object, secretGiven: boolean): Change[] {
  const [old, now] = [before as Record<string, Json | undefined>, after as Record<string, Json | undefined>];
  const changed = [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((field) => JSON.stringify(old[field]) !== JSON.stringify(now[field]))
    .map((field): Change => ({ field, old: old[field] ?? null, new: now[field] ?? null }));
  return secretGiven ? [...changed, { field: "password", changed: true }] : changed;
}
