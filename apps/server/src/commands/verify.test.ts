import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiKey, type Finished, runDaybook, sampleEvents, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCheckpoint } from "../record/merkle/checkpoint.ts";
import { parseVerifierKey, verifyNote } from "../record/merkle/note.ts";

/** More than one bucket, so that threads take part. */
const EVENTS = 17_000;

describe("the commands about the log", () => {
  let server: TestApp;
  let file: (name: string) => string;
  beforeAll(async () => {
    server = await testApp();
    file = (name) => join(server.deps.config.data, name);
    for (let at = 0; at < EVENTS; at += 4_000) {
      await server.deps.appender.append(server.workspaceId, sampleEvents(Math.min(4_000, EVENTS - at), at));
    }
  });
  afterAll(() => server.close());

  const daybook = (...args: string[]): Promise<Finished> =>
    runDaybook(args, { env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data } });
  const size = async (): Promise<number> =>
    (await server.deps.db.query("select size from log_head where workspace_id = $1", [server.workspaceId])).rows[0]
      .size;

  it("prints a checkpoint that the printed verifier key has signed", async () => {
    const note = await daybook("checkpoint");
    expect(note).toMatchObject({ code: 0, err: "" });
    const checkpoint = parseCheckpoint(note.out);
    expect(checkpoint.size).toBe(EVENTS);
    const key = await daybook("log-key", "show");
    expect(verifyNote(checkpoint.note, [parseVerifierKey(key.out)])).toHaveLength(1);
    expect(JSON.parse((await daybook("checkpoint", "--json")).out)).toEqual({
      origin: checkpoint.origin,
      size: EVENTS,
      root: checkpoint.root.toString("hex"),
      checkpoint: note.out,
    });
  });

  it("verifies the log, for people and for scripts", async () => {
    const said = await daybook("verify");
    expect(said).toMatchObject({ code: 0, err: "" });
    expect(said.out).toContain("The log of main verifies: 17,000 events, 1 checkpoint");
    const result = JSON.parse((await daybook("verify", "--json")).out);
    const { root } = parseCheckpoint((await daybook("checkpoint")).out);
    expect(result).toMatchObject({ ok: true, size: EVENTS, events: EVENTS, root: root.toString("hex") });
  });

  it("ends with 3 and names the event when there is a fault, also in a bucket of another thread", async () => {
    for (const seq of [9, 16_500]) {
      await server.deps.ownerDb.query("update event set actor_name = actor_name || '!' where seq = $1", [seq]);
      const said = await daybook("verify");
      const result = await daybook("verify", "--json");
      await server.deps.ownerDb.query("update event set actor_name = rtrim(actor_name, '!') where seq = $1", [seq]);
      expect(said.code).toBe(3);
      expect(said.out).toContain(`Event ${seq} is not what was logged`);
      expect(result.code).toBe(3);
      expect(JSON.parse(result.out)).toMatchObject({ ok: false, firstFault: { seq, kind: "changed" } });
    }
  });

  it("verifies an export without a database", async () => {
    const { headers } = await apiKey(server.deps);
    writeFileSync(file("note.txt"), (await daybook("checkpoint")).out);
    const sizeBefore = await size();
    const reply = await server.app.inject({ url: "/api/v1/events/export?format=ndjson", headers });
    const lines = reply.body.trim().split("\n");
    expect(lines).toHaveLength(sizeBefore);
    writeFileSync(file("log.ndjson"), reply.body);
    const key = (await daybook("log-key", "show")).out.trim();
    const verify = (name: string, ...more: string[]): Promise<Finished> =>
      runDaybook(["verify", "--export", file(name), "--checkpoint", file("note.txt"), ...more], {
        // Nothing to connect to: the command must not need it.
        env: { DATABASE_URL: "postgresql://127.0.0.1:1/none", DAYBOOK_DATA: file("elsewhere") },
      });
    const whole = await verify("log.ndjson", "--key", key);
    expect(whole).toMatchObject({
      code: 0,
      out: expect.stringContaining("The export is the whole log: 17,000 events"),
    });
    expect(whole.out).toContain("with the signature of daybook/");
    writeFileSync(file("part.ndjson"), `${lines.slice(5, 9).join("\n")}\n`);
    const part = await verify("part.ndjson", "--json");
    expect(part.code).toBe(1);
    expect(JSON.parse(part.out)).toMatchObject({ ok: false, events: 4, proven: 0, whole: false });
    writeFileSync(file("forged.ndjson"), reply.body.replace("Dana", "Dona"));
    expect(await verify("forged.ndjson")).toMatchObject({ code: 3, out: expect.stringContaining("does NOT verify") });
  }, 60_000);

  it("verifies an export that was made before the checkpoint, where earlier checkpoints are kept", async () => {
    const exported = await daybook("export", "", "--format", "ndjson");
    writeFileSync(file("before.ndjson"), exported.out);
    writeFileSync(file("after.txt"), (await daybook("checkpoint")).out);
    const args = ["verify", "--export", file("before.ndjson"), "--checkpoint", file("after.txt")];
    const here = await daybook(...args);
    expect(here).toMatchObject({ code: 0, out: expect.stringContaining("by an earlier checkpoint that is kept here") });
    const elsewhere = await runDaybook(args, { env: { DATABASE_URL: "", DAYBOOK_DATA: file("elsewhere") } });
    expect(elsewhere).toMatchObject({ code: 1, out: expect.stringContaining("Take the checkpoint before the export") });
  });

  it("verifies one event as the API gives it", async () => {
    const { headers } = await apiKey(server.deps);
    const { id } = (await server.deps.db.query("select id from event where seq = 777")).rows[0];
    const event = await server.app.inject({ url: `/api/v1/events/${id}`, headers });
    writeFileSync(file("event.json"), event.body);
    writeFileSync(file("event-note.txt"), event.json().proof.checkpoint);
    const checked = await daybook("verify", "--export", file("event.json"), "--checkpoint", file("event-note.txt"));
    expect(checked).toMatchObject({ code: 0, out: expect.stringContaining("1 of 1 events are proven") });
  });

  it("rotates the key: earlier checkpoints stay good and the change is in the log", async () => {
    const before = (await daybook("log-key", "show")).out.trim();
    const old = readFileSync(file("keys/log.key"), "utf8");
    const rotated = await daybook("log-key", "rotate", "--json");
    expect(rotated).toMatchObject({ code: 0, err: "" });
    const now = (await daybook("log-key", "show")).out.trim();
    expect(JSON.parse(rotated.out).verifierKeys).toEqual([now]);
    expect(now).not.toBe(before);
    expect((await daybook("log-key", "show", "--all")).out.trim().split("\n")).toEqual([now, before]);
    expect(readFileSync(file("keys/log.key"), "utf8")).not.toBe(old);
    const event = await server.deps.db.query("select seq, severity, auth from event where action = 'log.key.rotated'");
    // Behind it stands that the command was run.
    expect(event.rows).toEqual([{ seq: (await size()) - 1, severity: 4, auth: 4 }]);
    const checkpoint = parseCheckpoint((await daybook("checkpoint")).out);
    expect(verifyNote(checkpoint.note, [parseVerifierKey(now)])).toHaveLength(1);
    expect(JSON.parse((await daybook("verify", "--json")).out)).toMatchObject({ ok: true, remarks: [] });
    const running = await server.deps.checkpoints.current(server.workspaceId);
    expect(running).toContain(checkpoint.root.toString("base64"));
  });

  it("says how it is used", async () => {
    const cases: [args: string[], says: string][] = [
      [["verify", "--export", "x.ndjson"], "--export needs --checkpoint"],
      [["verify", "--checkpoint", "x"], "--checkpoint belongs to --export"],
      [["verify", "--key", "/nowhere"], "--key /nowhere"],
      [["verify", "--key", "a+00000000+AAAA"], "Only Ed25519"],
      [["verify", "--export", "x.ndjson", "--checkpoint", "/nowhere"], "--checkpoint /nowhere"],
    ];
    for (const [args, says] of cases) {
      const { code, err } = await daybook(...args);
      expect([args, code, err]).toEqual([args, 2, expect.stringContaining(says)]);
    }
  });
});
