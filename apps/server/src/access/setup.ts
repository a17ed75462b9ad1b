import { AppError, type setupSchema } from "@daybook/contract";
import type { z } from "zod";
import { type Config, publicAddress } from "../config.ts";
import { inTransaction } from "../db/transaction.ts";
import { type AccessDeps, eventOrigin, homeWorkspace, type RequestOrigin, staffTarget } from "./access-events.ts";
import { type OpenedSession, openSession } from "./login.ts";
import { checkPassword, hashPassword } from "./password.ts";
import { newSecret, secretHash } from "./secret.ts";
import { createStaff, hasStaff } from "./staff-store.ts";

const VALID_MS = 24 * 3600_000;
/** "setup" as an advisory lock: of several first owners at the same moment exactly one is made. */
const SETUP_LOCK = 0x73657475;

/** Makes the token of a setup link, valid once and for 24 hours; earlier ones are void from now on. Null when there is staff: then there is
 *  nothing to set up. */
export async function createSetupToken(deps: Pick<AccessDeps, "db" | "clock">): Promise<string | null> {
  const now = deps.clock();
  return inTransaction(deps.db, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [SETUP_LOCK]);
    if (await hasStaff(client)) return null;
    await client.query("update setup_token set expires_at = $1 where used_at is null and expires_at > $1", [
      new Date(now),
    ]);
    const token = newSecret();
    await client.query("insert into setup_token (token_hash, created_at, expires_at) values ($1, $2, $3)", [
      secretHash(token),
      new Date(now),
      new Date(now + VALID_MS),
    ]);
    return token;
  });
}

/** The link that an operator opens. The token stands behind the #, so that no server or proxy ever logs it. */
export function setupLink(config: Config, token: string): string {
  return `${publicAddress(config)}/setup#token=${token}`;
}

/** Makes the first owner and signs them in.
 *  1. Refuse a wrong token before the costly hashing.
 *  2. Under a lock: there must be no staff; use the token up; make the owner of the first workspace.
 *  3. Record who was made, and the sign-in.
 *  Throws `setup_done`, `link_invalid`, `weak_password`. */
export async function setUp(
  deps: AccessDeps,
  input: z.infer<typeof setupSchema>,
  origin: RequestOrigin,
): Promise<OpenedSession> {
  const now = deps.clock();
  if (await hasStaff(deps.db)) throw setupDone();
  await findToken(deps, input.token, now);
  checkPassword(input.password, [input.email, input.name]);
  const passwordHash = await hashPassword(input.password);
  const workspaceId = await homeWorkspace(deps);
  const staff = await inTransaction(deps.db, async (client) => {
    await client.query("select pg_advisory_xact_lock($1)", [SETUP_LOCK]);
    if (await hasStaff(client)) throw setupDone();
    const used = await client.query(
      "update setup_token set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2",
      [secretHash(input.token), new Date(now)],
    );
    if (used.rowCount !== 1) throw linkInvalid();
    if (input.workspaceName !== undefined)
      await client.query("update workspace set name = $2 where id = $1", [workspaceId, input.workspaceName]);
    const { email, name } = input;
    return createStaff(client, { email, name, passwordHash, role: "owner", workspaceId }, now);
  });
  await deps.record.write(workspaceId, [
    {
      action: "staff.created",
      actor: { type: "system", id: "setup", name: "Setup" },
      targets: [staffTarget(staff)],
      details: { role: "owner" },
      origin: eventOrigin(origin),
    },
  ]);
  return openSession(deps, staff, origin);
}

async function findToken(deps: AccessDeps, token: string, now: number): Promise<void> {
  const found = await deps.db.query(
    "select from setup_token where token_hash = $1 and used_at is null and expires_at > $2",
    [secretHash(token), new Date(now)],
  );
  if (found.rowCount !== 1) throw linkInvalid();
}

function setupDone(): AppError {
  return new AppError("setup_done", "There is an owner already. Sign in, or ask them for an account.");
}

function linkInvalid(): AppError {
  return new AppError("link_invalid", "This setup link is not valid any more. Start the server again for a new one.");
}
