import { type ProvenLog, provenLog, sampleEvents } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Appender } from "../append.ts";
import { readHead } from "../merkle/prove.ts";
import { BUCKET_EVENTS } from "./bucket.ts";
import { verify } from "./verify.ts";

/** Five buckets, so that threads take turns, and a tile of level 2. */
const EVENTS = 66_000;
const SIZES = [1, BUCKET_EVENTS - 1, BUCKET_EVENTS, BUCKET_EVENTS + 1, 40_000, 65_536];

describe("verifying a log of several buckets", { timeout: 120_000 }, () => {
  let log: ProvenLog;
  beforeAll(async () => {
    log = await provenLog(EVENTS, SIZES);
  }, 120_000);
  afterAll(() => log.close());

  it("finds nothing wrong, whatever bucket a checkpoint falls into", async () => {
    const { root } = await readHead(log.database.db, log.database.workspaceId);
    expect(await log.verify()).toMatchObject({
      ok: true,
      size: EVENTS,
      events: EVENTS,
      root: root.toString("hex"),
      checkpoints: SIZES.length,
    });
  });

  it("names the first of several faults, whichever thread finds it", async () => {
    const { ownerDb } = log.database;
    await ownerDb.query("update event set reason = 'x' where seq in (20001, 20002, 40000, 60000)");
    const { firstFault } = await log.verify();
    await ownerDb.query("update event set reason = null where seq in (20001, 20002, 40000, 60000)");
    expect(firstFault).toMatchObject({ seq: 20_001, kind: "changed" });
  });

  it("names a changed tile of level 2, and a checkpoint at the border of a bucket that does not fit", async () => {
    const { ownerDb } = log.database;
    const flip = (column: string): string => `${column} = set_byte(${column}, 9, get_byte(${column}, 9) # 1)`;
    await ownerDb.query(`update log_tile set ${flip("hashes")} where level = 2`);
    const tile = await log.verify();
    await ownerDb.query(`update log_tile set ${flip("hashes")} where level = 2`);
    expect(tile.firstFault).toMatchObject({ seq: 1, kind: "tile", what: expect.stringContaining("Tile 0 of level 2") });
    const other = "select note from log_checkpoint where size = 40000";
    await ownerDb.query(`create table kept as ${other}`);
    await ownerDb.query(`delete from log_checkpoint where size = 40000`);
    const lost = await log.verify();
    expect(lost.firstFault).toMatchObject({
      kind: "checkpoint",
      what: expect.stringContaining("of 40000 events is in the file"),
    });
  });

  it("looks at the log as it was when it began, while others go on writing", async () => {
    const { db, ownerDb, workspaceId } = log.database;
    await ownerDb.query("delete from log_checkpoint");
    const appender = new Appender(db, ownerDb);
    let writing = true;
    let written = EVENTS;
    const writer = (async () => {
      while (writing) {
        await appender.append(workspaceId, sampleEvents(40, written));
        written += 40;
      }
    })();
    // Takes the strongest lock on the table of events; it must get it between two buckets.
    const partition = "create table event_later partition of event for values from ('2031-01-01') to ('2031-02-01')";
    let partitioned = false;
    const verified = verify(db, workspaceId, { data: "/nowhere", keys: log.keys }).then((result) => ({
      result,
      partitioned,
    }));
    await ownerDb.query(partition);
    partitioned = true;
    const { result, partitioned: before } = await verified;
    expect(before).toBe(true);
    writing = false;
    await writer;
    await appender.close();
    expect(result.firstFault).toBeUndefined();
    expect(result).toMatchObject({ ok: true, events: result.size });
    expect(written).toBeGreaterThan(result.size);
    expect(await verify(db, workspaceId, { data: "/nowhere", keys: log.keys })).toMatchObject({
      ok: true,
      size: written,
    });
  });
});
