import { type ProvenLog, provenLog, sampleEvent, sampleEvents } from "@daybook/testkit";
import type { PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Appender } from "../append.ts";
import { signCheckpoint } from "../merkle/checkpoint.ts";
import { noteSigner } from "../merkle/note.ts";
import { Frontier, hashesFromHex } from "../merkle/tree.ts";

const EVENTS = 900;

describe("verifying a log of which the tree or the head was changed", () => {
  let log: ProvenLog;
  beforeAll(async () => {
    log = await provenLog(EVENTS, [400, 700]);
  });
  afterAll(() => log.close());

  const frontierOf = async (size: number): Promise<Buffer> => {
    const frontier = new Frontier();
    frontier.append(hashesFromHex(sampleEvents(size).map((event) => event.leafHash)));
    return frontier.serialise();
  };
  const flip = "set_byte(hashes, 100, get_byte(hashes, 100) # 1)";

  it("names a head that was rolled back", async () => {
    const frontier = await frontierOf(500);
    const fault = await log.faultAfter((client) =>
      client.query("update log_head set size = 500, frontier = $1", [frontier]),
    );
    expect(fault).toMatchObject({ seq: 501, kind: "head", what: expect.stringContaining("rolled back") });
  });

  it("names a head with another frontier", async () => {
    const other = await frontierOf(899);
    const broken = await log.faultAfter((client) => client.query("update log_head set frontier = $1", [other]));
    expect(broken).toMatchObject({ kind: "head" });
    const changed = await log.faultAfter((client) =>
      client.query("update log_head set frontier = set_byte(frontier, 3, get_byte(frontier, 3) # 1)"),
    );
    expect(changed).toMatchObject({ kind: "head" });
    const tail = await log.faultAfter((client) =>
      client.query("update log_head set frontier = set_byte(frontier, 90, get_byte(frontier, 90) # 1)"),
    );
    expect(tail?.what).toContain("the head of the log");
  });

  it("names a log that was cut off everywhere at once, by its checkpoint", async () => {
    const frontier = await frontierOf(512);
    const fault = await log.faultAfter((client) => cutOff(client, frontier));
    expect(fault).toMatchObject({ seq: 513, kind: "truncated", what: expect.stringContaining("events 513 to 700") });
  });

  it("names it by the file of checkpoints when those in the database were deleted too", async () => {
    const frontier = await frontierOf(512);
    const fault = await log.faultAfter(async (client) => {
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
    const fault = await log.faultAfter(async (client) => {
      await client.query("delete from event");
      await client.query("delete from log_tile; delete from log_leaf; delete from event_count_hour");
      await client.query("update log_head set size = 0, frontier = ''");
      const appender = new Appender(log.database.db, log.database.ownerDb);
      await appender.append(log.database.workspaceId, events.with(449, forged));
      await appender.close();
    });
    expect(fault).toMatchObject({ seq: 401, kind: "checkpoint", what: expect.stringContaining("events 401 to 700") });
  });

  it("names a tile of leaves that was changed, and says that the event was not", async () => {
    const fault = await log.faultAfter((client) =>
      client.query(`update log_tile set hashes = ${flip} where level = 0 and tile = 1`),
    );
    expect(fault).toMatchObject({ seq: 260, kind: "tile", what: expect.stringContaining("Tile 1 of level 0") });
    expect(fault?.what).toContain("the event itself is as it was");
  });

  it("names a changed tile above the leaves, and a changed tail", async () => {
    const upper = await log.faultAfter((client) =>
      client.query("update log_tile set hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1) where level = 1"),
    );
    expect(upper).toMatchObject({ seq: 257, kind: "tile", what: expect.stringContaining("level 1") });
    const tail = await log.faultAfter((client) => client.query(`update log_leaf set hashes = ${flip}`));
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
      const fault = await log.faultAfter((client) =>
        client.query(change.replaceAll("(1,", `(${log.database.workspaceId},`)),
      );
      expect([change, fault?.seq, fault?.what]).toEqual([change, seq, expect.stringContaining(what)]);
    }
  });

  it("names a checkpoint that was changed, forged or deleted", async () => {
    const changed = await log.faultAfter((client) =>
      client.query("update log_checkpoint set note = replace(note, e'\n700\n', e'\n699\n') where size = 700"),
    );
    expect(changed).toMatchObject({ kind: "checkpoint", what: expect.stringContaining("is not authentic") });
    const column = await log.faultAfter((client) =>
      client.query("update log_checkpoint set root = set_byte(root, 0, get_byte(root, 0) # 1) where size = 700"),
    );
    expect(column).toMatchObject({
      kind: "checkpoint",
      what: expect.stringContaining("columns of the checkpoint of 700"),
    });
    const deleted = await log.faultAfter((client) => client.query("delete from log_checkpoint where size = 400"));
    expect(deleted).toMatchObject({
      kind: "checkpoint",
      what: expect.stringContaining("of 400 events is in the file"),
    });
    const stranger = noteSigner("daybook/00000000/main", Buffer.alloc(32, 7));
    const forged = signCheckpoint({ origin: stranger.name, size: 700, root: Buffer.alloc(32), extensions: [] }, [
      stranger,
    ]);
    const foreign = await log.faultAfter((client) =>
      client.query("update log_checkpoint set note = $1 where size = 700", [forged]),
    );
    expect(foreign).toMatchObject({ kind: "checkpoint", what: expect.stringContaining("None of the known keys") });
  });

  it("finds a count that was changed", async () => {
    const fault = await log.faultAfter((client) =>
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
