import type { Event, InclusionProof } from "@daybook/contract";
import { apiKey } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EventRow, toEvent } from "./event-row.ts";
import { inclusionHolds } from "./merkle/proof.ts";

let server: TestApp;
let headers: Record<string, string>;
let rows: EventRow[];

beforeAll(async () => {
  server = await testApp();
  headers = (await apiKey(server.deps)).headers;
  rows = fc.sample(eventRows, { numRuns: 300, seed: 31 });
  const { db, ownerDb } = server.database;
  await appendRows(db, ownerDb, server.workspaceId, rows);
});

afterAll(() => server.close());

type Proven = Event & { proof: InclusionProof; proofFault?: string };

async function view(id: string): Promise<{ status: number; body: Proven }> {
  const reply = await server.app.inject({ url: `/api/v1/events/${id}`, headers });
  return { status: reply.statusCode, body: reply.json() };
}

test("an event comes whole, with a proof that leads to the root of a signed checkpoint", async () => {
  for (const row of [rows[0], rows[255], rows[299]] as EventRow[]) {
    const { body } = await view(row.id);
    const { proof, leafHash, ...event } = body;
    expect(event).toEqual(JSON.parse(JSON.stringify(toEvent(row))));
    expect(proof.checkpoint).toContain(`\n${proof.size}\n`);
    expect(proof).toMatchObject({ seq: row.seq, leafHash });
    const hash = (hex: string): Buffer => Buffer.from(hex, "hex");
    const path = proof.proof.map(hash);
    expect(inclusionHolds(hash(proof.leafHash), row.seq - 1, proof.size, path, hash(proof.root))).toBe(true);
  }
});

test("an event that was changed behind our back is shown, and said to be changed", async () => {
  const row = rows[17] as EventRow;
  await server.database.ownerDb.query("update event set action = 'user.created' where seq = $1", [row.seq]);
  const { body } = await view(row.id);
  expect(body.action).toBe("user.created");
  expect(body.proofFault).toContain("not the one that was recorded");
});

test("an unknown id is not found, what is no id is refused", async () => {
  expect((await view("0198f0c2-5b1e-7cc3-8a57-0d7e6f2b9a10")).status).toBe(404);
  expect((await view("42")).status).toBe(400);
});
