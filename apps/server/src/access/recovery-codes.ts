import { randomInt } from "node:crypto";
import { secretHash } from "./secret.ts";
import type { Querier, StaffRow } from "./staff-store.ts";

const CODES = 10;
/** Without 0, 1, I, L, O and U: nobody misreads them, and no word comes of them. */
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
const HALF_LENGTH = 5;

/** Ten fresh one-time codes of 49 bits, `XXXXX-XXXXX`; earlier ones are void. Only their hashes are kept. */
export async function makeRecoveryCodes(client: Querier, staffId: string): Promise<string[]> {
  const half = (): string => Array.from({ length: HALF_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join("");
  const codes = Array.from({ length: CODES }, () => `${half()}-${half()}`);
  await client.query("delete from recovery_code where staff_id = $1", [staffId]);
  await client.query("insert into recovery_code (staff_id, code_hash) select $1, unnest($2::bytea[])", [
    staffId,
    codes.map((code) => recoveryHash(staffId, code)),
  ]);
  return codes;
}

/** How many of a person's codes are left. */
export async function countRecoveryCodes(db: Querier, staffId: string): Promise<number> {
  const found = await db.query<{ left: number }>(
    "select count(*)::int as left from recovery_code where staff_id = $1 and used_at is null",
    [staffId],
  );
  return found.rows[0]?.left ?? 0;
}

/** Takes one of a person's codes, which then is used up. False when it is none of them, or was used. */
export async function takeRecoveryCode(
  db: Querier,
  staff: Pick<StaffRow, "id">,
  code: string,
  now: number,
): Promise<boolean> {
  const used = await db.query(
    "update recovery_code set used_at = $3 where staff_id = $1 and code_hash = $2 and used_at is null",
    [staff.id, recoveryHash(staff.id, code), new Date(now)],
  );
  return used.rowCount === 1;
}

/** As typed: small letters, spaces and a missing hyphen do not matter. The person is part of it, so that equal codes differ. */
function recoveryHash(staffId: string, code: string): Buffer {
  return secretHash(`${staffId} ${code.toUpperCase().replace(/[^A-Z0-9]/g, "")}`);
}
