import { sampleEvents, type TestDatabase, testDatabase } from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Appender } from "../append.ts";
import { consistencyHolds, inclusionHolds, rootAt } from "./proof.ts";
import { proveConsistency, proveInclusion, readHead, storedLeafHash } from "./prove.ts";
import { widthOf } from "./tile-path.ts";
import { hashReader, readTile } from "./tile-reader.ts";
import { appendLeaves, TreeError } from "./tile-store.ts";
import { Frontier, hashesFromHex, leafHash, rootOf } from "./tree.ts";

const leaf = (index: number): string => leafHash(`leaf ${index}`).toString("hex");
const leaves = (from: number, count: number): string[] => Array.from({ length: count }, (_, at) => leaf(from + at));
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

describe("the tree in the database", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
  });
  afterAll(() => database.close());

  /** A workspace of its own, with an empty log. */
  async function newLog(slug: string): Promise<number> {
    const made = await database.ownerDb.query<{ id: number }>(
      "with made as (insert into workspace (slug, name) values ($1, $1) returning id) insert into log_head (workspace_id) select id from made returning workspace_id as id",
      [slug],
    );
    return made.rows[0]?.id ?? 0;
  }

  /** What the appender does around appendLeaves. */
  async function append(workspaceId: number, hashes: string[]): Promise<void> {
    const client = await database.db.connect();
    try {
      await client.query("begin");
      const head = await client.query<{ size: number; frontier: Buffer }>(
        "select size, frontier from log_head where workspace_id = $1 for update",
        [workspaceId],
      );
      const { size = 0, frontier = Buffer.alloc(0) } = head.rows[0] ?? {};
      const after = await appendLeaves(client, workspaceId, size, frontier, hashes);
      await client.query("update log_head set size = $2, frontier = $3 where workspace_id = $1", [
        workspaceId,
        size + hashes.length,
        after.frontier,
      ]);
      await client.query("commit");
    } catch (error) {
      await client.query("rollback");
      throw error;
    } finally {
      client.release();
    }
  }

  it("keeps the same tree, whatever the batches", async () => {
    let log = 0;
    const batch = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 200, max: 600 }), fc.constant(256));
    await fc.assert(
      fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 12 }), async (batches) => {
        const workspaceId = await newLog(`batches-${++log}`);
        let size = 0;
        for (const count of batches) {
          await append(workspaceId, leaves(size, count));
          size += count;
        }
        const all = hashesFromHex(leaves(0, size));
        expect(await readHead(database.db, workspaceId)).toEqual({ size, root: rootOf(all) });
        expect(await rootAt(hashReader(database.db, workspaceId, size), size)).toEqual(rootOf(all));
        const full = Math.floor(size / 256);
        for (let tile = 0; tile <= full; tile++) {
          const width = widthOf(0, tile, size);
          const stored = await readTile(database.db, workspaceId, { level: 0, index: tile }, width);
          expect(stored ?? Buffer.alloc(0)).toEqual(all.subarray(tile * 8192, tile * 8192 + width * 32));
        }
        const rows = await database.db.query<{ tiles: number; upper: number; leaves: number }>(
          `select (select count(*) from log_tile where workspace_id = $1 and level = 0 and octet_length(hashes) = 8192) as tiles,
                  (select coalesce(sum(octet_length(hashes)), 0) / 32 from log_tile where workspace_id = $1 and level = 1) as upper,
                  (select coalesce(sum(octet_length(hashes)), 0) / 32 from log_leaf where workspace_id = $1) as leaves`,
          [workspaceId],
        );
        expect(rows.rows[0]).toEqual({ tiles: full, upper: full, leaves: size % 256 });
      }),
      { numRuns: 25 },
    );
  });

  it("proves inclusion and consistency from what is stored, also for earlier sizes", async () => {
    const workspaceId = await newLog("proofs");
    const size = 66_300;
    for (let at = 0; at < size; at += 10_000) await append(workspaceId, leaves(at, Math.min(10_000, size - at)));
    const sizes = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537, 66_000, size];
    for (const of of sizes) {
      for (const seq of new Set([1, Math.ceil(of / 2), of])) {
        const { leafHash: hash, root, proof } = await proveInclusion(database.db, workspaceId, seq, of);
        expect(hash).toBe(leaf(seq - 1));
        expect(await storedLeafHash(database.db, workspaceId, seq)).toBe(hash);
        expect(inclusionHolds(bytes(hash), seq - 1, of, proof.map(bytes), bytes(root))).toBe(true);
      }
      const { fromRoot, toRoot, proof } = await proveConsistency(database.db, workspaceId, of);
      expect(toRoot).toBe((await readHead(database.db, workspaceId)).root.toString("hex"));
      expect(consistencyHolds(of, size, proof.map(bytes), bytes(fromRoot), bytes(toRoot))).toBe(true);
    }
    await expect(proveInclusion(database.db, workspaceId, size + 1)).rejects.toThrow("seq must be from 1 to");
    await expect(proveInclusion(database.db, workspaceId, 1, size + 1)).rejects.toThrow("size must be from 1 to");
    await expect(proveConsistency(database.db, workspaceId, 5, 4)).rejects.toThrow("from must be from 1 to 4");
    expect(await storedLeafHash(database.db, workspaceId, size + 1)).toBeUndefined();
  });

  it("has nothing to prove while the log is empty", async () => {
    const workspaceId = await newLog("empty");
    expect(await readHead(database.db, workspaceId)).toEqual({ size: 0, root: new Frontier().root() });
    await expect(proveInclusion(database.db, workspaceId, 1)).rejects.toThrow("The log is empty");
  });

  it("refuses to append to tiles that do not fit the head, and changes nothing", async () => {
    const workspaceId = await newLog("unfit");
    await append(workspaceId, leaves(0, 300));
    await database.ownerDb.query("delete from log_leaf where workspace_id = $1", [workspaceId]);
    await expect(append(workspaceId, leaves(300, 300))).rejects.toThrow(TreeError);
    expect((await readHead(database.db, workspaceId)).size).toBe(300);
    await database.ownerDb.query("update log_tile set hashes = '' where workspace_id = $1 and level = 1", [
      workspaceId,
    ]);
    await expect(append(workspaceId, leaves(300, 300))).rejects.toThrow(/Tile 0 of level 1|Tile 1 of level 0/);
  });

  it("is written by the appender", async () => {
    const appender = new Appender(database.db, database.ownerDb);
    const events = sampleEvents(700);
    await appender.append(database.workspaceId, events);
    await appender.close();
    const expected = hashesFromHex(events.map((event) => event.leafHash));
    expect(await readHead(database.db, database.workspaceId)).toEqual({ size: 700, root: rootOf(expected) });
  });
});
