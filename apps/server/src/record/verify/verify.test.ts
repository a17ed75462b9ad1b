import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProvenLog, provenLog, sampleEvent } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eraseGroups } from "../erasure.ts";
import { eventSelect, rowFromPg } from "../event-row.ts";
import { leafHashOf } from "../leaf.ts";
import { LogKeys } from "../merkle/log-keys.ts";
import { inclusionHolds } from "../merkle/proof.ts";
import { proveInclusion } from "../merkle/prove.ts";
import { verify } from "./verify.ts";

const EVENTS = 900;

describe("verifying a log", () => {
  let log: ProvenLog;
  beforeAll(async () => {
    log = await provenLog(EVENTS, [400, 700]);
  });
  afterAll(() => log.close());

  it("finds nothing wrong with a log that nobody touched", async () => {
    const progress: [number, number][] = [];
    const result = await verify(log.database.db, log.database.workspaceId, {
      data: log.data,
      keys: log.keys,
      onProgress: (checked, size) => progress.push([checked, size]),
    });
    expect(result).toMatchObject({ ok: true, size: EVENTS, events: EVENTS, erased: 0, checkpoints: 2, remarks: [] });
    expect(progress.at(-1)).toEqual([EVENTS, EVENTS]);
  });

  it("says so when no public key is known to check the checkpoints with", async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), "daybook-elsewhere-"));
    const options = { data: elsewhere, keys: new LogKeys({ data: elsewhere }) };
    const result = await verify(log.database.db, log.database.workspaceId, options);
    expect(result).toMatchObject({
      ok: true,
      remarks: [expect.stringContaining("No public key of the log is known here")],
    });
    const otherKeys = log.keys.verifiers("main").map((key) => key.verifier);
    const known = await verify(log.database.db, log.database.workspaceId, { ...options, otherKeys });
    expect(known).toMatchObject({ ok: true, checkpoints: 2, remarks: [] });
    rmSync(elsewhere, { recursive: true });
  });

  it("names a deleted event", async () => {
    const fault = await log.faultAfter((client) => client.query("delete from event where seq = 333"));
    expect(fault).toMatchObject({ seq: 333, kind: "missing", what: expect.stringContaining("Event 333 is missing") });
  });

  it("names the first and last of a run of deleted events", async () => {
    const fault = await log.faultAfter((client) => client.query("delete from event where seq between 250 and 270"));
    expect(fault).toMatchObject({ seq: 250, kind: "missing", what: expect.stringContaining("Events 250 to 270") });
  });

  it("names an event that was stored twice", async () => {
    const fault = await log.faultAfter((client) =>
      client.query(
        `create temporary table twin as select * from event where seq = 10;
         update twin set id = gen_random_uuid(); insert into event select * from twin; drop table twin`,
      ),
    );
    expect(fault).toMatchObject({ seq: 10, kind: "duplicate" });
  });

  it("names two events that were swapped", async () => {
    const fault = await log.faultAfter((client) =>
      client.query("update event set seq = case seq when 20 then 620 else 20 end where seq in (20, 620)"),
    );
    expect(fault).toMatchObject({ seq: 20, kind: "swapped", what: "Events 20 and 620 were swapped." });
  });

  it("names an event added behind the head", async () => {
    const fault = await log.faultAfter((client) =>
      client.query(
        `create temporary table extra as select * from event where seq = 10;
         update extra set id = gen_random_uuid(), seq = 901; insert into event select * from extra; drop table extra`,
      ),
    );
    expect(fault).toMatchObject({ seq: 901, kind: "head", what: expect.stringContaining("event 901") });
  });

  it("names the part of the event that was changed, when its search terms were left behind", async () => {
    const fault = await log.faultAfter((client) =>
      client.query("update event set actor_name = 'Nobody' where seq = 44"),
    );
    expect(fault).toMatchObject({ seq: 44, kind: "changed", what: expect.stringContaining("who (actor)") });
  });

  it("finds search terms that were changed alone, which would hide an event from a search", async () => {
    const fault = await log.faultAfter((client) => client.query("update event set terms = terms[2:] where seq = 44"));
    expect(fault).toMatchObject({ seq: 44, kind: "column", what: expect.stringContaining("terms") });
  });

  it("passes over what was erased, and the old proof still holds", async () => {
    const before = await proveInclusion(log.database.db, log.database.workspaceId, 450);
    const row = sampleEvent(449).row;
    const erased = eraseGroups(row, ["who", "summary"]);
    const fault = await log.faultAfter(async (client) => {
      await client.query(
        `update event set actor_type = $1, actor_id = null, actor_name = null, actor_email = null, auth = null, asn = null, ip = null,
           country = null, network = null, browser = null, os = null, session_id = null, request_id = null, user_agent = null,
           summary = $2, salts = $3, terms = $4 where seq = 450`,
        [erased.actorType, erased.summary, Buffer.from(erased.salts, "hex"), erased.terms],
      );
      expect((await log.verify()).erased).toBe(1);
      const after = await proveInclusion(log.database.db, log.database.workspaceId, 450);
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
    const fault = await log.faultAfter((client) =>
      client.query("update event set salts = $1 where seq = 450", [Buffer.from(erased.salts, "hex")]),
    );
    expect(fault).toMatchObject({ seq: 450, kind: "column", what: expect.stringContaining("marked as erased") });
  });
});
