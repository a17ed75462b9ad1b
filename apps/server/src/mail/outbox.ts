import type { Querier } from "../access/staff-store.ts";
import type { Vault } from "../access/vault.ts";
import { prepared } from "../db/prepared.ts";

/** Where the vault puts the message as it goes out. */
export const outboxPlace = (workspaceId: number, id: string): string => `mail_outbox/${workspaceId}/${id}`;

/** A message as it goes out, encrypted. */
export interface Sealed {
  id: string;
  sealed: Buffer;
}

/** Bytes that are written at a time: the database holds each statement in memory, and so does whoever makes it. */
const WRITE_BYTES = 32 * 1024 * 1024;

/** Keeps messages, encrypted, until they are settled. */
export async function putInOutbox(db: Querier, workspaceId: number, messages: readonly Sealed[]): Promise<void> {
  for (const some of portions(messages)) await write(db, workspaceId, some);
}

/** In the order in which they are given: as many at a time as there is room for, and at least one. */
function portions(messages: readonly Sealed[]): Sealed[][] {
  const all: Sealed[][] = [];
  let bytes = Infinity;
  for (const message of messages) {
    bytes += message.sealed.length;
    if (bytes > WRITE_BYTES) {
      all.push([]);
      bytes = message.sealed.length;
    }
    all.at(-1)?.push(message);
  }
  return all;
}

const writeStatement = prepared(
  `insert into mail_outbox (workspace_id, message_id, sealed)
       select $1, message_id, substring($5::bytea from start for length)
         from unnest($2::uuid[], $3::int[], $4::int[]) as given(message_id, start, length)`,
);

async function write(db: Querier, workspaceId: number, messages: readonly Sealed[]): Promise<void> {
  // One run of bytes, which travels as it is; a list of them would travel as text of twice the length.
  let next = 1;
  const starts = messages.map(({ sealed }) => {
    const start = next;
    next += sealed.length;
    return start;
  });
  await db.query(
    writeStatement([
      ...[workspaceId, messages.map(({ id }) => id), starts, messages.map(({ sealed }) => sealed.length)],
      messages.length === 1 ? messages[0]?.sealed : Buffer.concat(messages.map(({ sealed }) => sealed)),
    ]),
  );
}

/** The message as it goes out, byte for byte; undefined once it is settled. Throws VaultError. */
export async function readOutbox(
  db: Querier,
  vault: Vault,
  workspaceId: number,
  id: string,
): Promise<Buffer | undefined> {
  const { rows } = await db.query<{ sealed: Buffer }>(
    "select sealed from mail_outbox where workspace_id = $1 and message_id = $2",
    [workspaceId, id],
  );
  return rows[0] && vault.open(outboxPlace(workspaceId, id), rows[0].sealed);
}

/** Forgets messages that are settled: nobody can read any more what was masked in what is kept. */
export async function dropFromOutbox(db: Querier, workspaceId: number, ids: readonly string[]): Promise<void> {
  await db.query("delete from mail_outbox where workspace_id = $1 and message_id = any($2::uuid[])", [
    workspaceId,
    ids,
  ]);
}
