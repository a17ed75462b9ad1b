import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { configWith } from "../config.ts";
import { type OpenRecord, openRecord } from "../record/open-record.ts";
import { formats } from "./formats.ts";
import { type ImportReport, runImport } from "./import-run.ts";
import type { ImportOptions } from "./importer.ts";
import { RejectFile } from "./reject-file.ts";
import { findSources } from "./source.ts";

let database: TestDatabase;
let opened: OpenRecord;
let folder: string;
let workspaceId: number;
const now = Date.parse("2026-11-20T12:00:00.000Z");

beforeAll(async () => {
  database = await testDatabase();
  const { db, ownerDb } = database;
  opened = await openRecord({ config: configWith({}), db, ownerDb, log: pino({ level: "silent" }), clock: () => now });
  folder = mkdtempSync(join(tmpdir(), "daybook-import-"));
});

afterAll(async () => {
  await opened.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

/** Each test has a workspace of its own. */
beforeEach(async () => {
  const { rows } = await database.ownerDb.query<{ id: number }>(
    "insert into workspace (slug, name) values (gen_random_uuid()::text, 'Test') returning id",
  );
  workspaceId = rows[0]?.id ?? 0;
  await database.ownerDb.query("insert into log_head (workspace_id) values ($1)", [workspaceId]);
});

const file = (name: string, text: string | Buffer): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

async function importing(format: string, paths: string[], options: Partial<ImportOptions> = {}): Promise<ImportReport> {
  const importer = formats.find((one) => one.name === format);
  if (!importer) throw new Error(`no format ${format}`);
  const rejects = new RejectFile(join(folder, "rejected.ndjson"));
  const report = await runImport({
    importer,
    sources: await findSources(paths, importer.files, now, () => Readable.from([])),
    options: { timezone: "UTC", now, ...options },
    record: opened.record,
    db: database.db,
    workspaceId,
    reject: (name, fault) => rejects.add(name, fault),
  });
  await rejects.close();
  expect(report.read).toBe(report.accepted + report.duplicates + report.rejected + report.skipped);
  return report;
}

const stored = async (): Promise<Record<string, unknown>[]> =>
  (await database.ownerDb.query("select * from event where workspace_id = $1 order by seq", [workspaceId])).rows;
const counted = async (condition: string): Promise<number> =>
  (
    await database.ownerDb.query<{ n: number }>(
      `select count(*) as n from event where workspace_id = $1 and ${condition}`,
      [workspaceId],
    )
  ).rows[0]?.n ?? -1;

const attempt = (number: number, host = "web-1") =>
  `Nov ${String(1 + (number % 19)).padStart(2)} 10:11:${String(number % 60).padStart(2, "0")} ${host} sshd[${number}]: Failed password for root from 203.0.113.${number % 250} port 4242 ssh2`;
const attempts = (count: number, host?: string) =>
  Array.from({ length: count }, (_, number) => attempt(number, host)).join("\n");

describe("an import", () => {
  it("puts the events into the log in the order of the file, across batches, and counts what it did", async () => {
    const report = await importing("sshd", [file("a.log", `${attempts(2_500)}\nNov 20 10:17:01 web-1 CRON[1]: x\n`)], {
      year: 2026,
    });
    expect(report).toMatchObject({ read: 2_501, accepted: 2_500, duplicates: 0, rejected: 0, skipped: 1, files: 1 });
    const rows = await stored();
    expect(rows.map((row) => row.seq)).toEqual(Array.from({ length: 2_500 }, (_, place) => place + 1));
    expect(rows.map((row) => String(row.details).includes('"pid":2499'))).toEqual([...Array(2_499).fill(false), true]);
    expect(report.actions.top(1)).toEqual([["auth.login", 2_500]]);
    expect([report.firstMs, report.lastMs]).toEqual([
      Date.UTC(2026, 10, 1, 10, 11, 0),
      Date.UTC(2026, 10, 19, 10, 11, 59),
    ]);
  });

  it("adds nothing the second time, whether as one file, packed, or cut into others", async () => {
    const text = attempts(3_000);
    await importing("sshd", [file("a.log", text)], { year: 2026 });
    const before = await stored();
    expect(await importing("sshd", [file("b.log.gz", gzipSync(text))], { year: 2026 })).toMatchObject({
      accepted: 0,
      duplicates: 3_000,
    });
    const lines = text.split("\n");
    const parts = [lines.slice(0, 1_111), lines.slice(1_111, 2_900), lines.slice(2_900)].map((part, place) =>
      file(`part${place}`, part.join("\n")),
    );
    expect(await importing("sshd", parts, { year: 2026 })).toMatchObject({ accepted: 0, duplicates: 3_000, files: 3 });
    expect(await stored()).toEqual(before);
  });

  it("goes on where a part was in the log already, and is in any case complete", async () => {
    const lines = attempts(4_000).split("\n");
    await importing("sshd", [file("a.log", lines.slice(500, 2_200).join("\n"))], { year: 2026 });
    expect(await importing("sshd", [file("b.log", lines.join("\n"))], { year: 2026 })).toMatchObject({
      accepted: 2_300,
      duplicates: 1_700,
    });
    expect(await counted("true")).toBe(4_000);
  });

  it("keeps what it cannot read, with file, line and reason, and takes the rest", async () => {
    const log = file("bad.log", `${attempt(1)}\nnonsense\n${attempt(2)}\nNov 31 10:00:00 web-1 sshd[1]: x\n`);
    const report = await importing("sshd", [log], { year: 2026 });
    expect(report).toMatchObject({ read: 4, accepted: 2, rejected: 2 });
    expect(report.faults.map((fault) => [fault.file, fault.line, fault.code])).toEqual([
      [log, 2, "not_syslog"],
      [log, 4, "invalid_time"],
    ]);
    const kept = readFileSync(join(folder, "rejected.ndjson"), "utf8").trimEnd().split("\n");
    expect(kept.map((line) => JSON.parse(line))).toMatchObject([{ file: log, line: 2, text: "nonsense" }, { line: 4 }]);
  });

  it("keeps what the log refuses: a wrong event, one of the future, the id of another event", async () => {
    const id = "0198f0c2-0000-7000-8000-000000000001";
    const lines = [
      { id, action: "server.created", occurredAt: "2026-11-20T10:00:00Z" },
      { action: "Widget Painted", occurredAt: "2026-11-20T10:00:00Z" },
      { action: "server.created", occurredAt: "2027-11-20T10:00:00Z" },
      { id, action: "server.deleted", occurredAt: "2026-11-20T10:00:00Z" },
      { action: "server.created", occurredAt: "2026-11-20T10:00:00Z", origin: { ip: "999.1.1.1" } },
      { action: "server.created", occurredAt: "2026-11-20T10:00:00Z", colour: "red" },
      { action: "server.created", occurredAt: "2026-11-20T10:00:00Z" },
    ];
    const report = await importing("jsonl", [file("a.jsonl", lines.map((line) => JSON.stringify(line)).join("\n"))]);
    expect(report).toMatchObject({ read: 7, accepted: 2, rejected: 5 });
    expect(report.faults.map((fault) => [fault.line, fault.code]).sort()).toEqual([
      [2, "invalid"],
      [3, "in_future"],
      [4, "id_conflict"],
      [5, "invalid"],
      [6, "unknown_field"],
    ]);
  });

  it("takes an event that another version mapped otherwise for the same one when its content decides its id", async () => {
    const record = (eventName: string) =>
      JSON.stringify({
        eventTime: "2026-11-20T10:11:12Z",
        eventName,
        eventSource: "ec2.amazonaws.com",
        eventID: "0b4cbd9e-6a36-4f2e-9c3b-3c1f1a6e2d11",
      });
    await importing("cloudtrail", [file("a.json", record("StopInstances"))]);
    expect(await importing("cloudtrail", [file("b.json", record("StartInstances"))])).toMatchObject({
      accepted: 0,
      duplicates: 1,
      rejected: 0,
    });
  });

  it("reads on with the next file when one breaks off, and says so", async () => {
    const packed = gzipSync(attempts(20_000, "web-2"));
    const paths = [file("a.log.gz", packed.subarray(0, 30_000)), file("b.log", attempts(3))];
    const report = await importing("sshd", paths, { year: 2026 });
    expect(report.broken).toEqual([{ file: paths[0], message: "unexpected end of file" }]);
    expect(report.accepted).toBeGreaterThan(1_000);
    expect(await counted("target_id = 'web-1'")).toBe(3);
  });

  it("holds no more than a batch, however long the file", async () => {
    const line = `{"action":"a.b","occurredAt":"2026-11-20T10:00:00Z","details":"${"x".repeat(20_000)}`;
    const importer = formats.find((one) => one.name === "jsonl");
    if (!importer) throw new Error("no jsonl");
    let most = 0;
    const source = {
      name: "endless",
      series: "endless",
      modifiedAt: now,
      bytes: undefined,
      found: false,
      open: async function* () {
        for (let number = 0; number < 1_000; number++) {
          if (number % 50 === 0) most = Math.max(most, number - (await counted("true")));
          yield Buffer.from(`${line}${number}"}\n`);
        }
      },
    };
    await runImport({
      importer,
      sources: [source],
      options: { timezone: "UTC", now },
      record: opened.record,
      db: database.db,
      workspaceId,
      reject: async () => {},
    });
    // Two batches of 4 MiB: one that is read and one that is written.
    expect(most).toBeLessThan(500);
    expect(await counted("true")).toBe(1_000);
  });
});
