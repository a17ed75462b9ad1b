import type { ClientBase } from "pg";
import { eventColumns } from "../event-row.ts";
import { leafHashOf } from "../leaf.ts";
import { TILE_WIDTH } from "../merkle/proof.ts";
import { readTile } from "../merkle/tile-reader.ts";
import { HASH_BYTES } from "../merkle/tree.ts";
import type { StoredRow } from "./binary-row.ts";
import { BinaryRows } from "./binary-rows.ts";
import type { LogToCheck } from "./bucket.ts";
import type { VerifyFault } from "./fault.ts";
import { missingTerms } from "./row-check.ts";

/** Keys of search terms, and what of the event they come from. */
const termParts: Record<string, string> = {
  actor: "who (actor)",
  behalf: "whom (onBehalfOf)",
  target: "whom (targets)",
  owner: "whom (targets)",
  field: "what (changes)",
  overflow: "what (details)",
  ip: "who (origin)",
  net: "who (origin)",
  country: "who (origin)",
  asn: "who (origin)",
  network: "who (origin)",
  browser: "who (origin)",
  os: "who (origin)",
  session: "who (origin)",
  request: "who (origin)",
  auth: "who (origin)",
};

/**
 * Says more about a changed event: that it is the event of another place, or which part of it was changed. One hash covers
 * the whole leaf, so the part can be told only when its search terms were left behind.
 */
export async function explain(client: ClientBase, log: LogToCheck, fault: VerifyFault): Promise<VerifyFault> {
  if (fault.kind !== "changed" || fault.seq === null) return fault;
  const { seq } = fault;
  const stored = await readRow(client, log.workspaceId, seq);
  if (stored === undefined) return fault;
  const leaf = leafHashOf(stored.row, log.slug);
  const place = await findLeaf(client, log, leaf);
  if (place !== undefined && place !== seq) {
    const there = await readRow(client, log.workspaceId, place);
    const swapped = there !== undefined && leafHashOf(there.row, log.slug) === (await leafAt(client, log, seq));
    const what = swapped
      ? `Events ${seq} and ${place} were swapped.`
      : `Event ${seq} is not what was logged: the event of ${place} stands in its place.`;
    return { seq, kind: "swapped", what };
  }
  const parts = new Set(
    missingTerms(stored.row).map((key) => termParts[key] ?? (key.startsWith("details.") ? "what (details)" : key)),
  );
  if (parts.size === 0) return fault;
  return { ...fault, what: `${fault.what} Its search terms show a change in ${[...parts].join(", ")}.` };
}

async function readRow(client: ClientBase, workspaceId: number, seq: number): Promise<StoredRow | undefined> {
  let found: StoredRow | undefined;
  const where = `workspace_id = ${Number(workspaceId)} and seq = ${Number(seq)}`;
  const reader = new BinaryRows(`select ${eventColumns.join(", ")} from event where ${where}`, (row) => {
    found = row.read();
  });
  client.query(reader);
  await reader.done;
  return found;
}

/** The seq whose leaf the tree says this is. Reads all tiles: a fault is rare, and this is the way to name its other half. */
async function findLeaf(client: ClientBase, log: LogToCheck, leaf: string): Promise<number | undefined> {
  const { rows } = await client.query<{ first: string | number; place: number }>(
    `select first, position($2 in hashes) as place from (
       select tile * 256 + 1 as first, hashes from log_tile where workspace_id = $1 and level = 0
       union all select first_seq, hashes from log_leaf where workspace_id = $1) as stored
     where position($2 in hashes) % 32 = 1 order by first limit 1`,
    [log.workspaceId, Buffer.from(leaf, "hex")],
  );
  const [row] = rows;
  return row === undefined ? undefined : Number(row.first) + (row.place - 1) / HASH_BYTES;
}

async function leafAt(client: ClientBase, log: LogToCheck, seq: number): Promise<string | undefined> {
  const at = (seq - 1) % TILE_WIDTH;
  const tile = await readTile(client, log.workspaceId, { level: 0, index: Math.floor((seq - 1) / TILE_WIDTH) }, at + 1);
  return tile?.toString("hex", at * HASH_BYTES);
}
