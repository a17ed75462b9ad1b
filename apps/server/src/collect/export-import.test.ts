import { type Actor, authMethods, type Event, type EventInput, outcomes, parseQuery } from "@daybook/contract";
import { type TestDatabase, testDatabase, textSource } from "@daybook/testkit";
import fc from "fast-check";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configWith } from "../config.ts";
import { type ExportFormat, exportEvents } from "../record/export/export.ts";
import { type OpenRecord, openRecord } from "../record/open-record.ts";
import { fullSight } from "../record/sight.ts";
import { csv } from "./csv/csv.ts";
import { runImport } from "./import-run.ts";
import type { Importer } from "./importer.ts";
import { jsonl } from "./jsonl/jsonl.ts";

let database: TestDatabase;
let opened: OpenRecord;
const now = Date.parse("2026-11-20T12:00:00.000Z");

beforeAll(async () => {
  database = await testDatabase();
  const { db, ownerDb } = database;
  opened = await openRecord({ config: configWith({}), db, ownerDb, log: pino({ level: "silent" }), clock: () => now });
});

afterAll(async () => {
  await opened.close();
  await database.close();
});

async function newWorkspace(): Promise<number> {
  const { rows } = await database.ownerDb.query<{ id: number }>(
    "insert into workspace (slug, name) values (gen_random_uuid()::text, 'Test') returning id",
  );
  const id = rows[0]?.id ?? 0;
  await database.ownerDb.query("insert into log_head (workspace_id) values ($1)", [id]);
  return id;
}

async function exported(workspaceId: number, format: ExportFormat): Promise<string> {
  const { slug } = await opened.record.workspace(workspaceId);
  let text = "";
  const scope = { workspaceId, sight: fullSight, query: parseQuery("") };
  for await (const chunk of exportEvents(database.db, { scope, order: "asc", format, slug }, { events: 0 }))
    text += chunk;
  return text;
}

async function imported(workspaceId: number, importer: Importer, text: string): Promise<void> {
  const report = await runImport({
    importer,
    sources: [textSource(text)],
    options: { timezone: "UTC", now },
    record: opened.record,
    db: database.db,
    workspaceId,
    reject: async (_, fault) => {
      throw new Error(JSON.stringify(fault));
    },
  });
  expect(report.read).toBe(report.accepted);
}

/** Everything an event says; not when and as which number this log took it, nor its leaf. */
async function contents(workspaceId: number): Promise<unknown[]> {
  const lines = (await exported(workspaceId, "ndjson")).trimEnd().split("\n");
  return lines.map((line) => {
    const { seq, recordedAt, leafHash, proof, ...content } = JSON.parse(line) as Event & { proof: unknown };
    return content;
  });
}

/** Texts with what CSV, JSON and spreadsheets stumble over. */
const text = fc.oneof(
  fc.constantFrom(
    "=1+1",
    "-5",
    "@x",
    "+49",
    'say "hi", twice',
    "line\nbreak\r\n",
    "tab\there",
    "null",
    "grüße 🎉",
    "a,b;c",
    "'quoted",
    "'=guarded",
    "''-guarded",
    "  spaces  ",
  ),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const word = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
const party = fc.record(
  {
    type: fc.constantFrom<Actor["type"][]>("user", "staff", "api_key", "system"),
    id: word,
    name: text,
    email: word.map((name) => `${name}@acme.example`),
  },
  { requiredKeys: ["type", "id"] },
);
const someJson = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes("__proto__"));

const event: fc.Arbitrary<EventInput> = fc.record(
  {
    id: fc.uuid({ version: 4 }),
    occurredAt: fc
      .date({ min: new Date("2026-01-01T00:00:00Z"), max: new Date("2026-11-20T00:00:00Z"), noInvalidDate: true })
      .map((date) => date.toISOString()),
    action: fc.tuple(word, word).map(([category, verb]) => `${category}.${verb}`),
    actor: party,
    onBehalfOf: fc.record(
      { type: fc.constantFrom<Actor["type"][]>("user", "staff"), id: word, name: word },
      { requiredKeys: ["type", "id"] },
    ),
    targets: fc.array(
      fc.record({ type: word, id: text, name: text, ownerId: text }, { requiredKeys: ["type", "id"] }),
      { maxLength: 4 },
    ),
    project: text,
    origin: fc.record(
      {
        ip: fc.oneof(fc.ipV4(), fc.constant("2001:db8::7")),
        userAgent: text,
        sessionId: text,
        requestId: text,
        auth: fc.constantFrom(...authMethods),
      },
      { requiredKeys: [] },
    ),
    outcome: fc.constantFrom(...outcomes),
    reason: text,
    changes: fc.array(fc.record({ field: text, old: someJson, new: someJson }, { requiredKeys: ["field"] }), {
      maxLength: 3,
    }),
    details: fc.oneof(fc.dictionary(word, someJson, { maxKeys: 4 }), someJson),
  },
  { requiredKeys: ["id", "occurredAt", "action"] },
) as fc.Arbitrary<EventInput>;

describe("an export that is imported into an empty log", () => {
  it.each([
    ["ndjson", jsonl],
    ["json", jsonl],
    ["csv", csv],
  ] as [ExportFormat, Importer][])(
    "gives the same log, as %s",
    async (format, importer) => {
      const law = fc.asyncProperty(
        fc.uniqueArray(event, { minLength: 1, maxLength: 20, selector: (one) => one.id }),
        async (events) => {
          const [from, to] = [await newWorkspace(), await newWorkspace()];
          await opened.record.write(from, events);
          await imported(to, importer, await exported(from, format));
          const before = await contents(from);
          expect(before).toHaveLength(events.length);
          expect(await contents(to)).toEqual(before);
        },
      );
      await fc.assert(law, { numRuns: 50 });
    },
    120_000,
  );
});
