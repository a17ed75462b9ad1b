import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleEvent, sampleEvents, type TestDatabase, testDatabase } from "@daybook/testkit";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Appender } from "../append.ts";
import { eraseGroups } from "../erasure.ts";
import { eventSelect, rowFromPg } from "../event-row.ts";
import { leafHashOf } from "../leaf.ts";
import { signCheckpoint } from "../merkle/checkpoint.ts";
import { CheckpointBook } from "../merkle/checkpoint-book.ts";
import { LogKeys } from "../merkle/log-keys.ts";
import { noteSigner } from "../merkle/note.ts";
import { inclusionHolds } from "../merkle/proof.ts";
import { proveInclusion } from "../merkle/prove.ts";
import { Frontier, hashesFromHex } from "../merkle/tree.ts";
import type { VerifyFault } from "./fault.ts";
import { type VerifyResult, verify } from "./verify.ts";

const EVENTS = 900;

describe("verifying a log", () => {
  let database: TestDatabase;
  let data: string;
  let keys: LogKeys;

  const run = (): Promise<VerifyResult> => verify(database.db, database.workspaceId, { data, keys });
  const sql = (text: string, values: unknown[] = []) => database.ownerDb.query(text, values);

  /** Changes the database as its owner, verifies, and puts everything back. */
  async function faultAfter(change: (client: PoolClient) => Promise<unknown>): Promise<VerifyFault | undefined> {
    const tables = ["event", "log_head", "log_tile", "log_leaf", "log_checkpoint", "event_count_hour"];
    for (const table of tables) await sql(`create table kept_${table} as table ${table}`);
    const client = await database.ownerDb.connect();
    try {
      await change(client);
      const result = await run();
      expect(result.ok).toBe(result.firstFault === undefined);
      return result.firstFault;
    } finally {
      for (const table of tables) {
        await client.query(`truncate ${table}`);
        await client.query(`insert into ${table} select * from kept_${table}`);
        await client.query(`drop table kept_${table}`);
      }
      client.release();
    }
  }

  beforeAll(async () => {
    database = await testDatabase();
    data = mkdtempSync(join(tmpdir(), "daybook-verify-"));
    keys = new LogKeys({ data });
    const appender = new Appender(database.db, database.ownerDb);
    const book = new CheckpointBook({ db: database.db, keys, data });
    for (const [from, to] of [
      [0, 400],
      [400, 700],
      [700, EVENTS],
    ] as const) {
      await appender.append(database.workspaceId, sampleEvents(to - from, from));
      if (to < EVENTS) await book.current(database.workspaceId);
    }
    await appender.close();
  });
  afterAll(async () => {
    await database.close();
    rmSync(data, { recursive: true });
  });

  it("finds nothing wrong with a log that nobody touched", async () => {
    const progress: [number, number][] = [];
    const result = await verify(database.db, database.workspaceId, {
      data,
      keys,
      onProgress: (checked, size) => progress.push([checked, size]),
    });
    expect(result).toMatchObject({ ok: true, size: EVENTS, events: EVENTS, erased: 0, checkpoints: 2, remarks: [] });
    expect(progress.at(-1)).toEqual([EVENTS, EVENTS]);
  });

  /** What a person with the database's password could do to one value, by the type of its column. */
  const changesByType: Record<string, string[]> = {
    smallint: ["$ + 1"],
    integer: ["$ + 1000"],
    bigint: ["$ + 100000"],
    text: [
      // One character in the middle, one at the end, another case.
      "overlay($ placing chr(97 + (ascii(substr($, length($) / 2 + 1, 1)) + 1) % 26) from length($) / 2 + 1 for 1)",
      "$ || ' '",
      "case when upper($) = $ then lower($) || '.' else upper($) end",
    ],
    uuid: ["(substr($::text, 1, 35) || case right($::text, 1) when '0' then '1' else '0' end)::uuid"],
    "timestamp with time zone": ["$ + interval '1 millisecond'", "$ + interval '1 hour'"],
    inet: ["$ + 1", "set_masklen($, 16)"],
    bytea: [0, 20, 40, 63]
      .map((at) => `set_byte($, ${at}, get_byte($, ${at}) # 1)`)
      .concat("$ || '\\x00'", "substr($, 1, 60)"),
    ARRAY: [
      "$[2:]",
      "$ || 2147483647",
      "array[$[1] + 1] || $[2:]",
      "array[$[2], $[1]] || $[3:]",
      "'[0:1]={1,2}'::int[]",
    ],
  };
  const emptyByType: Record<string, string> = { smallint: "1", bigint: "5", text: "'x'", inet: "'192.0.2.1'" };

  it("finds and names a change of any value in any column of an event", async () => {
    const columns = await sql(
      `select column_name as name, data_type as type, is_nullable = 'YES' as nullable from information_schema.columns
       where table_schema = 'public' and table_name = 'event' order by ordinal_position`,
    );
    expect(columns.rows.length).toBeGreaterThanOrEqual(37);
    let changes = 0;
    for (const { name, type, nullable } of columns.rows) {
      const kinds = changesByType[type] ?? [];
      expect(kinds, `a column of type ${type} needs an entry in changesByType`).not.toEqual([]);
      const expressions = kinds.map((kind) => kind.replaceAll("$", `event.${name}`));
      const filled = nullable ? [...expressions, "null"] : expressions;
      for (const [state, list] of [
        ["not null", filled],
        ["null", nullable ? [emptyByType[type] ?? ""] : []],
      ] as const) {
        for (const expression of list) {
          const found = await sql(
            `select seq, id from event where ${name} is ${state} and seq > 300 order by seq limit 1`,
          );
          expect(found.rows, `no sample event has ${name} ${state}`).toHaveLength(1);
          const { seq, id } = found.rows[0];
          await sql(`create table kept as select * from event where seq = ${seq}`);
          const changed = await sql(`update event set ${name} = ${expression} where seq = ${seq}`);
          expect(changed.rowCount).toBe(1);
          const { firstFault } = await run();
          const key = name === "id" ? "seq" : "id";
          await sql(`update event set ${name} = kept.${name} from kept where event.${key} = kept.${key}`);
          await sql("drop table kept");
          expect([name, expression, firstFault?.seq], id).toEqual([name, expression, Number(seq)]);
          expect(firstFault?.kind).toMatch(/^(changed|column|missing)$/);
          changes++;
        }
      }
    }
    expect(changes).toBeGreaterThan(100);
    expect((await run()).ok).toBe(true);
  }, 180_000);

  describe("with more than one value changed", () => {
    it("names a deleted event", async () => {
      const fault = await faultAfter((client) => client.query("delete from event where seq = 333"));
      expect(fault).toMatchObject({ seq: 333, kind: "missing", what: expect.stringContaining("Event 333 is missing") });
    });

    it("names the first and last of a run of deleted events", async () => {
      const fault = await faultAfter((client) => client.query("delete from event where seq between 250 and 270"));
      expect(fault).toMatchObject({ seq: 250, kind: "missing", what: expect.stringContaining("Events 250 to 270") });
    });

    it("names an event that was stored twice", async () => {
      const fault = await faultAfter((client) =>
        client.query(
          `create temporary table twin as select * from event where seq = 10;
           update twin set id = gen_random_uuid(); insert into event select * from twin; drop table twin`,
        ),
      );
      expect(fault).toMatchObject({ seq: 10, kind: "duplicate" });
    });

    it("names two events that were swapped", async () => {
      const fault = await faultAfter((client) =>
        client.query("update event set seq = case seq when 20 then 620 else 20 end where seq in (20, 620)"),
      );
      expect(fault).toMatchObject({ seq: 20, kind: "swapped", what: "Events 20 and 620 were swapped." });
    });

    it("names an event added behind the head", async () => {
      const fault = await faultAfter((client) =>
        client.query(
          `create temporary table extra as select * from event where seq = 10;
           update extra set id = gen_random_uuid(), seq = 901; insert into event select * from extra; drop table extra`,
        ),
      );
      expect(fault).toMatchObject({ seq: 901, kind: "head", what: expect.stringContaining("event 901") });
    });

    it("names the part of the event that was changed, when its search terms were left behind", async () => {
      const fault = await faultAfter((client) => client.query("update event set actor_name = 'Nobody' where seq = 44"));
      expect(fault).toMatchObject({ seq: 44, kind: "changed", what: expect.stringContaining("who (actor)") });
    });

    it("finds search terms that were changed alone, which would hide an event from a search", async () => {
      const fault = await faultAfter((client) => client.query("update event set terms = terms[2:] where seq = 44"));
      expect(fault).toMatchObject({ seq: 44, kind: "column", what: expect.stringContaining("terms") });
    });
  });

  describe("with the tree changed", () => {
    const frontierOf = async (size: number): Promise<Buffer> => {
      const frontier = new Frontier();
      frontier.append(hashesFromHex(sampleEvents(size).map((event) => event.leafHash)));
      return frontier.serialise();
    };
    const flip = "set_byte(hashes, 100, get_byte(hashes, 100) # 1)";

    it("names a head that was rolled back", async () => {
      const frontier = await frontierOf(500);
      const fault = await faultAfter((client) =>
        client.query("update log_head set size = 500, frontier = $1", [frontier]),
      );
      expect(fault).toMatchObject({ seq: 501, kind: "head", what: expect.stringContaining("rolled back") });
    });

    it("names a head with another frontier", async () => {
      const other = await frontierOf(899);
      const broken = await faultAfter((client) => client.query("update log_head set frontier = $1", [other]));
      expect(broken).toMatchObject({ kind: "head" });
      const changed = await faultAfter((client) =>
        client.query("update log_head set frontier = set_byte(frontier, 3, get_byte(frontier, 3) # 1)"),
      );
      expect(changed).toMatchObject({ kind: "head" });
      const tail = await faultAfter((client) =>
        client.query("update log_head set frontier = set_byte(frontier, 90, get_byte(frontier, 90) # 1)"),
      );
      expect(tail?.what).toContain("the head of the log");
    });

    it("names a log that was cut off everywhere at once, by its checkpoint", async () => {
      const frontier = await frontierOf(512);
      const fault = await faultAfter((client) => cutOff(client, frontier));
      expect(fault).toMatchObject({ seq: 513, kind: "truncated", what: expect.stringContaining("events 513 to 700") });
    });

    it("names it by the file of checkpoints when those in the database were deleted too", async () => {
      const frontier = await frontierOf(512);
      const fault = await faultAfter(async (client) => {
        await cutOff(client, frontier);
        await client.query("delete from log_checkpoint where size > 512");
      });
      expect(fault).toMatchObject({ seq: 513, kind: "truncated", what: expect.stringContaining("(file)") });
    });

    /** Events, tiles, head and counts as if the log had ended with event 512. */
    async function cutOff(client: PoolClient, frontier: Buffer): Promise<void> {
      await client.query("delete from event where seq > 512");
      await client.query("delete from log_tile where level = 0 and tile >= 2");
      await client.query("delete from log_leaf");
      await client.query("update log_tile set hashes = substr(hashes, 1, 64) where level = 1");
      await client.query("update log_head set size = 512, frontier = $1", [frontier]);
      await client.query(
        `delete from event_count_hour; insert into event_count_hour select workspace_id, date_trunc('hour', occurred_at), outcome, count(*)
           from event group by 1, 2, 3`,
      );
    }

    it("names an event that was rewritten with the whole tree after it, by the checkpoints around it", async () => {
      const events = sampleEvents(EVENTS);
      const forged = sampleEvent(449, "main", { actorName: "Somebody Else" });
      const fault = await faultAfter(async (client) => {
        await client.query("delete from event");
        await client.query("delete from log_tile; delete from log_leaf; delete from event_count_hour");
        await client.query("update log_head set size = 0, frontier = ''");
        const appender = new Appender(database.db, database.ownerDb);
        await appender.append(database.workspaceId, events.with(449, forged));
        await appender.close();
      });
      expect(fault).toMatchObject({ seq: 401, kind: "checkpoint", what: expect.stringContaining("events 401 to 700") });
    });

    it("names a tile of leaves that was changed, and says that the event was not", async () => {
      const fault = await faultAfter((client) =>
        client.query(`update log_tile set hashes = ${flip} where level = 0 and tile = 1`),
      );
      expect(fault).toMatchObject({ seq: 260, kind: "tile", what: expect.stringContaining("Tile 1 of level 0") });
      expect(fault?.what).toContain("the event itself is as it was");
    });

    it("names a changed tile above the leaves, and a changed tail", async () => {
      const upper = await faultAfter((client) =>
        client.query("update log_tile set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) where level = 1"),
      );
      expect(upper).toMatchObject({ seq: 257, kind: "tile", what: expect.stringContaining("level 1") });
      const tail = await faultAfter((client) => client.query(`update log_leaf set hashes = ${flip}`));
      expect(tail).toMatchObject({ seq: 772, kind: "tile", what: expect.stringContaining("log_leaf") });
    });

    it("names tiles and leaves that are gone, too many, or elsewhere", async () => {
      const cases: [change: string, seq: number | null, what: string][] = [
        ["delete from log_tile where level = 0 and tile = 1", 257, "Tile 1 of level 0 is missing"],
        ["delete from log_tile where level = 1", 1, "Tile 0 of level 1 is missing"],
        ["delete from log_leaf", 769, "log_leaf"],
        ["update log_leaf set first_seq = first_seq + 1", 769, "log_leaf"],
        ["insert into log_leaf values (1, 1, '')", 769, "log_leaf"],
        [
          "update log_tile set hashes = hashes || decode(repeat('00', 32), 'hex') where level = 1",
          769,
          "Tile 0 of level 1 has 4",
        ],
        ["insert into log_tile values (1, 0, 9, '')", 901, "Tile 9 of level 0"],
        ["insert into log_tile values (1, 2, 0, decode(repeat('00', 32), 'hex'))", null, "tiles of level 2"],
        ["update log_tile set tile = 7 where level = 0 and tile = 2", 513, "Tile 2 of level 0 is missing"],
      ];
      for (const [change, seq, what] of cases) {
        const fault = await faultAfter((client) => client.query(change.replaceAll("(1,", `(${database.workspaceId},`)));
        expect([change, fault?.seq, fault?.what]).toEqual([change, seq, expect.stringContaining(what)]);
      }
    });

    it("names a checkpoint that was changed, forged or deleted", async () => {
      const changed = await faultAfter((client) =>
        client.query("update log_checkpoint set note = replace(note, e'\n700\n', e'\n699\n') where size = 700"),
      );
      expect(changed).toMatchObject({ kind: "checkpoint", what: expect.stringContaining("is not authentic") });
      const column = await faultAfter((client) =>
        client.query("update log_checkpoint set root = set_byte(root, 0, get_byte(root, 0) # 1) where size = 700"),
      );
      expect(column).toMatchObject({
        kind: "checkpoint",
        what: expect.stringContaining("columns of the checkpoint of 700"),
      });
      const deleted = await faultAfter((client) => client.query("delete from log_checkpoint where size = 400"));
      expect(deleted).toMatchObject({
        kind: "checkpoint",
        what: expect.stringContaining("of 400 events is in the file"),
      });
      const stranger = noteSigner("daybook/00000000/main", Buffer.alloc(32, 7));
      const forged = signCheckpoint({ origin: stranger.name, size: 700, root: Buffer.alloc(32), extensions: [] }, [
        stranger,
      ]);
      const foreign = await faultAfter((client) =>
        client.query("update log_checkpoint set note = $1 where size = 700", [forged]),
      );
      expect(foreign).toMatchObject({ kind: "checkpoint", what: expect.stringContaining("None of the known keys") });
    });

    it("finds a count that was changed", async () => {
      const fault = await faultAfter((client) =>
        client.query(
          "update event_count_hour set events = events + 1 where hour = '2026-09-01T01:00:00Z' and outcome = 0",
        ),
      );
      expect(fault).toMatchObject({
        seq: null,
        kind: "counts",
        what: expect.stringContaining("2026-09-01T01:00:00.000Z is off by 1"),
      });
    });
  });

  it("passes over what was erased, and the old proof still holds", async () => {
    const before = await proveInclusion(database.db, database.workspaceId, 450);
    const row = sampleEvent(449).row;
    const erased = eraseGroups(row, ["who", "summary"]);
    const fault = await faultAfter(async (client) => {
      await client.query(
        `update event set actor_type = $1, actor_id = null, actor_name = null, actor_email = null, auth = null, asn = null, ip = null,
           country = null, network = null, browser = null, os = null, session_id = null, request_id = null, user_agent = null,
           summary = $2, salts = $3, terms = $4 where seq = 450`,
        [erased.actorType, erased.summary, Buffer.from(erased.salts, "hex"), erased.terms],
      );
      expect((await run()).erased).toBe(1);
      const after = await proveInclusion(database.db, database.workspaceId, 450);
      expect(after).toEqual(before);
      const stored = await client.query(`select ${eventSelect} from event where seq = 450`);
      const leaf = leafHashOf(rowFromPg(stored.rows[0]), "main");
      expect(leaf).toBe(before.leafHash);
      const path = before.proof.map((hash) => Buffer.from(hash, "hex"));
      expect(inclusionHolds(Buffer.from(leaf, "hex"), 449, before.size, path, Buffer.from(before.root, "hex"))).toBe(
        true,
      );
    });
    expect(fault).toBeUndefined();
  });

  it("is not fooled by an erased group that got a value again", async () => {
    const erased = eraseGroups(sampleEvent(449).row, ["who"]);
    const fault = await faultAfter((client) =>
      client.query("update event set salts = $1 where seq = 450", [Buffer.from(erased.salts, "hex")]),
    );
    expect(fault).toMatchObject({ seq: 450, kind: "column", what: expect.stringContaining("marked as erased") });
  });
});
