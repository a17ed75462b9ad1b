import { AppError, type choosePasswordSchema } from "@daybook/contract";
import type { z } from "zod";
import { type Config, publicAddress } from "../config.ts";
import { inTransaction } from "../db/transaction.ts";
import {
  type AccessDeps,
  eventOrigin,
  homeWorkspace,
  type RequestOrigin,
  staffActor,
  staffTarget,
} from "./access-events.ts";
import { checkPassword, hashPassword } from "./password.ts";
import { newSecret, secretHash } from "./secret.ts";
import { findStaff, type Querier, setPassword } from "./staff-store.ts";

/** How long a link works that somebody hands on. */
export const LINK_VALID_MS = 24 * 3600_000;

/** Makes the token of a link with which one person chooses a password, once and within 24 hours. Earlier links of theirs are void. */
export async function createPasswordToken(client: Querier, staffId: string, now: number): Promise<string> {
  await client.query("delete from password_link where staff_id = $1", [staffId]);
  return addPasswordToken(client, staffId, now, LINK_VALID_MS);
}

/** The same beside the links that there are: anybody may ask for a new password of somebody, and must not void an invitation by it. */
export async function addPasswordToken(
  client: Querier,
  staffId: string,
  now: number,
  validMs: number,
): Promise<string> {
  const token = newSecret();
  await client.query(
    "insert into password_link (token_hash, staff_id, created_at, expires_at) values ($1, $2, $3, $4)",
    [secretHash(token), staffId, new Date(now), new Date(now + validMs)],
  );
  return token;
}

/** The link that is handed to the person. The token stands behind the #, so that no server or proxy ever logs it. */
export function passwordLink(config: Config, token: string): string {
  return `${publicAddress(config)}/password#${token}`;
}

/** Sets the password of the person that a link belongs to, ends their sessions and records it. Throws `link_invalid` and `weak_password`;
 *  a weak password does not use the link up. */
export async function choosePassword(
  deps: AccessDeps,
  input: z.infer<typeof choosePasswordSchema>,
  origin: RequestOrigin,
): Promise<void> {
  const now = deps.clock();
  const found = await deps.db.query<{ staffId: string }>(
    `select staff_id as "staffId" from password_link where token_hash = $1 and expires_at > $2`,
    [secretHash(input.token), new Date(now)],
  );
  const staff = found.rows[0] && (await findStaff(deps.db, found.rows[0].staffId));
  if (!staff || staff.disabledAt !== null) throw linkInvalid();
  checkPassword(input.password, [staff.email, staff.name]);
  const passwordHash = await hashPassword(input.password);
  await inTransaction(deps.db, async (client) => {
    const used = await client.query("delete from password_link where token_hash = $1 and expires_at > $2", [
      secretHash(input.token),
      new Date(now),
    ]);
    if (used.rowCount !== 1) throw linkInvalid();
    await setPassword(client, { staffId: staff.id, passwordHash }, now);
  });
  await deps.record.write(await homeWorkspace(deps, staff.id), [
    {
      action: "auth.password.changed",
      actor: staffActor(staff),
      targets: [staffTarget(staff)],
      details: { by: "link", ...(staff.passwordHash === null ? { first: true } : {}) },
      origin: eventOrigin(origin),
    },
  ]);
}

function linkInvalid(): AppError {
  return new AppError("link_invalid", "This link is not valid any more. Ask an owner for a new one.");
}
