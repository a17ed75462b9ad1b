import type { Pool } from "pg";
import { eventSelect, rowFromPg } from "../event-row.ts";
import { leafEntry } from "../leaf.ts";
import { TILE_WIDTH } from "./proof.ts";

/** The length of an entry takes 2 bytes. */
const ENTRY_BYTES_MAX = 65_535;

/** Entries one after the other, each after its length as a big-endian uint16 (C2SP tlog-tiles). */
export function entryBundle(entries: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  for (const entry of entries) {
    const bytes = Buffer.from(entry);
    if (bytes.length > ENTRY_BYTES_MAX) throw new RangeError(`An entry has ${bytes.length} bytes, more than fit.`);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(bytes.length);
    parts.push(length, bytes);
  }
  return Buffer.concat(parts);
}

/** The first `width` entries of a tile of level 0, from the stored events; undefined when one of them is missing. */
export async function readEntryBundle(
  db: Pick<Pool, "query">,
  workspace: { id: number; slug: string },
  tile: number,
  width: number,
): Promise<Buffer | undefined> {
  const before = tile * TILE_WIDTH;
  const { rows } = await db.query<Record<string, unknown>>(
    `select ${eventSelect} from event where workspace_id = $1 and seq between $2 and $3 order by seq`,
    [workspace.id, before + 1, before + width],
  );
  const events = rows.map(rowFromPg);
  const whole = events.length === width && events.every((event, place) => event.seq === before + place + 1);
  return whole ? entryBundle(events.map((event) => leafEntry(event, workspace.slug))) : undefined;
}
