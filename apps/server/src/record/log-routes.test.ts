import { addWorkspace, apiKey, sampleEvents, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseCheckpoint } from "./merkle/checkpoint.ts";
import { parseVerifierKey, verifyNote } from "./merkle/note.ts";
import {
  consistencyHolds,
  type HashReader,
  inclusionHolds,
  makeConsistencyProof,
  makeInclusionProof,
  rootAt,
} from "./merkle/proof.ts";
import { tilePath } from "./merkle/tile-path.ts";
import { leafHash } from "./merkle/tree.ts";

const EVENTS = 700;
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

describe("the log over HTTP", () => {
  let server: TestApp;
  let key: string;
  beforeAll(async () => {
    server = await testApp();
    await server.deps.appender.append(server.workspaceId, sampleEvents(EVENTS));
    key = (await apiKey(server.deps, { scopes: ["log:read"] })).key;
  });
  afterAll(() => server.close());

  const get = (path: string, by = key) =>
    server.app.inject({ url: `/api/v1/log/${path}`, headers: { authorization: `Bearer ${by}` } });

  it("gives a checkpoint that its published key has signed, and the same one again", async () => {
    const reply = await get("checkpoint");
    expect(reply.headers["content-type"]).toBe("text/plain; charset=utf-8");
    expect(reply.headers["cache-control"]).toBe("private, max-age=2");
    const checkpoint = parseCheckpoint(reply.body);
    expect(checkpoint.size).toBe(EVENTS);
    expect(checkpoint.origin).toMatch(/^daybook\/[0-9a-f]{8}\/main$/);
    const { items } = (await get("keys")).json();
    expect(items).toMatchObject([{ name: checkpoint.origin, current: true }]);
    expect(verifyNote(checkpoint.note, [parseVerifierKey(items[0].verifierKey)])).toHaveLength(1);
    expect((await get("checkpoint")).body).toBe(reply.body);
    const stored = await server.deps.db.query("select size, note from log_checkpoint");
    expect(stored.rows).toEqual([{ size: EVENTS, note: reply.body }]);
  });

  /** What a C2SP client knows: the checkpoint and full or partial tiles, nothing else. */
  const readOverHttp: HashReader = async (level, start, count) => {
    const index = Math.floor(start / 256);
    const hashes = Math.floor(EVENTS / 256 ** level);
    const width = Math.min(256, hashes - index * 256);
    const reply = await get(tilePath({ level, index, width }));
    expect(reply.statusCode).toBe(200);
    expect(reply.headers["content-type"]).toBe("application/octet-stream");
    expect(reply.rawPayload).toHaveLength(width * 32);
    const from = (start % 256) * 32;
    return reply.rawPayload.subarray(from, from + count * 32);
  };

  it("serves tiles from which a client can make every proof by itself", async () => {
    const { root } = parseCheckpoint((await get("checkpoint")).body);
    expect(await rootAt(readOverHttp, EVENTS)).toEqual(root);
    const own = await makeInclusionProof(readOverHttp, 299, EVENTS);
    const given = (await get("proof/inclusion?seq=300")).json();
    expect(given).toMatchObject({ seq: 300, leafIndex: 299, size: EVENTS, root: root.toString("hex") });
    expect(given.proof).toEqual(own.map((hash) => hash.toString("hex")));
    expect(inclusionHolds(bytes(given.leafHash), 299, EVENTS, own, root)).toBe(true);
    const consistency = (await get("proof/consistency?from=257&to=600")).json();
    const proof = await makeConsistencyProof(readOverHttp, 257, 600);
    expect(consistency.proof).toEqual(proof.map((hash) => hash.toString("hex")));
    expect(consistencyHolds(257, 600, proof, bytes(consistency.fromRoot), bytes(consistency.toRoot))).toBe(true);
    expect(consistency.fromRoot).toBe((await rootAt(readOverHttp, 257)).toString("hex"));
  });

  it("serves entries that hash to the leaves, under both addresses, with nothing personal in them", async () => {
    for (const [path, first, count] of [
      ["tile/entries/001", 256, 256],
      ["entries/002.p/188", 512, 188],
    ] as const) {
      const reply = await get(path);
      expect(reply.headers["cache-control"]).toBe("private, max-age=31536000, immutable");
      const entries = split(reply.rawPayload);
      expect(entries).toHaveLength(count);
      const leaves = await readOverHttp(0, first, count);
      expect(Buffer.concat(entries.map((entry) => leafHash(entry)))).toEqual(leaves);
      const text = entries.map((entry) => entry.toString()).join("\n");
      expect(text).not.toMatch(/Dana|acme\.example|203\.0\.|mc-\d|Firefox/);
      expect(JSON.parse(entries[0]?.toString() ?? "")).toMatchObject({ v: 1, workspace: "main" });
    }
  });

  /** The entries of a bundle: each after its length in two bytes. */
  function split(bundle: Buffer): Buffer[] {
    const entries: Buffer[] = [];
    for (let at = 0; at < bundle.length; ) {
      const end = at + 2 + bundle.readUInt16BE(at);
      entries.push(bundle.subarray(at + 2, end));
      at = end;
    }
    return entries;
  }

  it("serves a part of a tile that has grown since", async () => {
    const part = await get("tile/0/000.p/5");
    const whole = await get("tile/0/000");
    expect(part.rawPayload).toEqual(whole.rawPayload.subarray(0, 160));
  });

  it("answers 404 for tiles that do not exist, with how far it goes, and for other spellings", async () => {
    for (const path of ["tile/0/002", "tile/0/003.p/1", "tile/1/000", "tile/2/000.p/1", "entries/002"]) {
      const reply = await get(path);
      expect([path, reply.statusCode, reply.json().code]).toEqual([path, 404, "not_found"]);
      expect(reply.json().detail).toContain("the log has 700 events");
    }
    for (const path of ["tile/0/0", "tile/00/000", "tile/data/000", "tile/0/000.p/0", "entries/0", "tile/0/..%2f000"]) {
      expect([path, (await get(path)).statusCode]).toEqual([path, 404]);
    }
  });

  it("answers 400 for proofs outside the log", async () => {
    for (const query of [
      "inclusion?seq=0",
      "inclusion?seq=701",
      "inclusion?seq=5&size=4",
      "inclusion",
      "consistency?from=701",
      "consistency?from=3&to=2",
    ]) {
      const reply = await get(`proof/${query}`);
      expect([query, reply.statusCode, reply.json().code]).toEqual([query, 400, "invalid_request"]);
    }
  });

  it("is for those who may read the log or the events, and for nobody else", async () => {
    const reader = (await apiKey(server.deps, { scopes: ["events:read"] })).key;
    const writer = (await apiKey(server.deps, { scopes: ["events:write"] })).key;
    for (const path of [
      "checkpoint",
      "tile/0/000",
      "entries/000",
      "proof/inclusion?seq=1",
      "proof/consistency?from=1",
      "keys",
    ]) {
      expect([path, (await get(path, reader)).statusCode]).toEqual([path, 200]);
      expect([path, (await get(path, writer)).statusCode]).toEqual([path, 403]);
      expect([path, (await server.app.inject({ url: `/api/v1/log/${path}` })).statusCode]).toEqual([path, 401]);
    }
  });

  it("gives whoever is signed in the log of the workspace they name", async () => {
    const brand = await addWorkspace(server.deps, "brand-two");
    await server.deps.appender.append(brand, sampleEvents(3, 0, "brand-two"));
    const auditor = await signedInClient(server, { role: "auditor", workspace: "brand-two" });
    const note = await auditor.request("GET", "/log/checkpoint?workspace=brand-two");
    expect(parseCheckpoint(note.body)).toMatchObject({ size: 3, origin: expect.stringMatching(/\/brand-two$/) });
    const proof = await auditor.request("GET", "/log/proof/inclusion?seq=2&workspace=brand-two");
    expect(proof.json()).toMatchObject({ seq: 2, size: 3 });
    expect((await auditor.request("GET", "/log/checkpoint?workspace=main")).statusCode).toBe(403);
  });

  it("refuses to sign a log that does not extend its last checkpoint", async () => {
    await get("checkpoint");
    await server.deps.ownerDb.query("create table kept as table log_head");
    try {
      await server.deps.ownerDb.query(
        "update log_head set size = 256, frontier = substr(frontier, 1, 32) where size = 700",
      );
      const rolledBack = await get("checkpoint");
      expect([rolledBack.statusCode, rolledBack.json().code]).toEqual([500, "log_inconsistent"]);
      await server.deps.ownerDb.query(
        "update log_head set size = 701, frontier = (select frontier from kept where size = 700) || decode(repeat('00', 32), 'hex') where size = 256",
      );
      expect((await get("checkpoint")).json().code).toBe("log_inconsistent");
    } finally {
      await server.deps.ownerDb.query(
        "update log_head h set size = k.size, frontier = k.frontier from kept k where h.workspace_id = k.workspace_id",
      );
    }
    expect((await get("checkpoint")).statusCode).toBe(200);
  });
});
