import { AppError, type EventInput } from "@daybook/contract";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configWith } from "../config.ts";
import { newId } from "./event-id.ts";
import { type OpenRecord, openRecord } from "./open-record.ts";

let database: TestDatabase;
let opened: OpenRecord;
const now = Date.parse("2026-11-20T10:00:00.000Z");
let clock = now;

beforeAll(async () => {
  database = await testDatabase();
  const { db, ownerDb } = database;
  opened = await openRecord({
    config: configWith({}),
    db,
    ownerDb,
    log: pino({ level: "silent" }),
    clock: () => clock,
  });
});

afterAll(async () => {
  await opened.close();
  await database.close();
});

const write = (events: EventInput[]) => opened.record.write(database.workspaceId, events);
const event = (changes: Partial<EventInput> = {}): EventInput => ({
  action: "server.created",
  actor: { type: "user", id: "42", name: "Dana" },
  targets: [{ type: "server", id: "srv-1", name: "mc-01" }],
  occurredAt: new Date(clock).toISOString(),
  ...changes,
});
const seqs = async (): Promise<number[]> =>
  (await database.ownerDb.query<{ seq: number }>("select seq from event order by seq")).rows.map((row) => row.seq);
const head = async (): Promise<number> =>
  (
    await database.ownerDb.query<{ size: number }>("select size from log_head where workspace_id = $1", [
      database.workspaceId,
    ])
  ).rows[0]?.size ?? -1;

async function errorOf(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
}

describe("the appender", () => {
  it("gives 300 concurrent single writes the numbers 1 to 300 without a gap, in few commits", async () => {
    const commits = async (): Promise<number> =>
      (
        await database.ownerDb.query<{ n: number }>(
          "select xact_commit as n from pg_stat_database where datname = current_database()",
        )
      ).rows[0]?.n ?? 0;
    await database.ownerDb.query("select pg_stat_force_next_flush()");
    const before = await commits();
    const results = await Promise.all(Array.from({ length: 300 }, () => write([event()])));
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(results.map((result) => result.firstSeq).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
    expect(await seqs()).toHaveLength(300);
    expect(await head()).toBe(300);
    expect((await commits()) - before).toBeLessThan(100);
  });

  it("stores an id once and tells its first seq, however often and however concurrently it comes", async () => {
    const sent = event({ id: newId(clock) });
    const results = await Promise.all(Array.from({ length: 20 }, () => write([sent])));
    const again = await write([sent]);
    const first = again.firstSeq;
    expect(again).toMatchObject({ accepted: 0, duplicates: 1, items: [{ id: sent.id, seq: first, duplicate: true }] });
    expect(results.map((result) => result.accepted).reduce((sum, accepted) => sum + accepted)).toBe(1);
    expect(new Set(results.map((result) => result.items[0]?.seq))).toEqual(new Set([first]));
  });

  it("takes the time of an event from its UUIDv7, and finds the repetition years later", async () => {
    const id = newId(Date.parse("2021-03-04T05:06:07.089Z"));
    const { occurredAt: _none, ...sent } = event({ id });
    await write([sent]);
    const { rows } = await database.ownerDb.query<{ occurred_at: Date }>(
      "select occurred_at from event where id = $1",
      [id],
    );
    expect(rows[0]?.occurred_at.toISOString()).toBe("2021-03-04T05:06:07.089Z");
    clock += 400 * 86_400_000;
    expect((await write([sent])).duplicates).toBe(1);
    clock = now;
  });

  it("finds a repetition whose time the server had to set, 30 days later", async () => {
    const { occurredAt: _none, ...sent } = event({ id: "6ba7b810-9dad-41d1-80b4-00c04fd430c8" });
    clock = Date.now();
    const first = await write([sent]);
    clock += 60_000;
    expect((await write([sent])).items).toEqual([{ id: sent.id, seq: first.firstSeq, duplicate: true }]);
    clock = now;
  });

  it("refuses the same id with other content, and then stores nothing of the batch", async () => {
    const sent = event({ id: newId(clock) });
    await write([sent]);
    const size = await head();
    const error = await errorOf(write([event(), { ...sent, reason: "other" }, event()]));
    expect(error.code).toBe("id_conflict");
    expect(error.options.errors).toEqual([expect.objectContaining({ index: 1, pointer: "/id", code: "id_conflict" })]);
    expect(await head()).toBe(size);
  });

  it("lets one request's conflict leave the others of its group alone", async () => {
    const taken = event({ id: newId(clock) });
    await write([taken]);
    const size = await head();
    const [good, bad, alsoGood] = await Promise.allSettled([
      write([event()]),
      write([event(), { ...taken, outcome: "failure" }]),
      write([event()]),
    ]);
    expect([good.status, bad.status, alsoGood.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(await head()).toBe(size + 2);
    expect(await seqs()).toEqual(Array.from({ length: size + 2 }, (_, index) => index + 1));
  });

  it("names every bad item of a batch and stores none", async () => {
    const size = await head();
    const error = await errorOf(
      write([event(), { action: "Nonsense" } as EventInput, event({ occurredAt: "2026-02-30T00:00:00Z" })]),
    );
    expect(error.code).toBe("invalid_event");
    expect(error.options.errors?.map(({ index, pointer }) => [index, pointer])).toEqual([
      [1, "/action"],
      [2, "/occurredAt"],
    ]);
    expect(await head()).toBe(size);
  });

  it("refuses what lies far in the future and accepts the past", async () => {
    const error = await errorOf(write([event({ occurredAt: new Date(clock + 6 * 60_000).toISOString() })]));
    expect(error.options.errors?.[0]).toMatchObject({ pointer: "/occurredAt", code: "in_future" });
    const old = await write([
      event({ occurredAt: "1999-12-31T23:59:60Z" }),
      event({ occurredAt: "1970-01-01T00:00:00+00:00" }),
    ]);
    expect(old.accepted).toBe(2);
  });

  it("keeps the counts by hour and day equal to the rows", async () => {
    const { rows } = await database.ownerDb.query<{ kept: number; rows: number; days: number }>(
      `select (select sum(events) from event_count_hour)::int as kept, (select count(*) from event)::int as rows,
              (select sum(events) from event_count_day where field = 'action')::int as days`,
    );
    expect(rows[0]?.kept).toBe(rows[0]?.rows);
    expect(rows[0]?.days).toBe(rows[0]?.rows);
  });

  it("stores text that PostgreSQL cannot hold as U+FFFD, and any Unicode as it is", async () => {
    const name = "a\u0000b\ud800c \u{1f600} \\N \t \n end";
    const { firstSeq } = await write([
      event({ actor: { type: "user", id: "1", name }, details: { name, "k\t\\": ["\u0000", -0, 1e21] } }),
    ]);
    const { rows } = await database.ownerDb.query<{ actor_name: string; details: string }>(
      "select actor_name, details from event where seq = $1",
      [firstSeq],
    );
    expect(rows[0]?.actor_name).toBe("a\ufffdb\ufffdc \u{1f600} \\N \t \n end");
    expect(JSON.parse(rows[0]?.details ?? "")).toEqual({ name, "k\t\\": ["\u0000", 0, 1e21] });
  });
});

describe("looking ids up", () => {
  it("stays fast when thousands of events have the same instant and nothing is known of the table", async () => {
    const instant = "2026-06-01T00:00:00.000Z";
    const batch = (): EventInput[] =>
      Array.from({ length: 2_000 }, () => event({ id: newId(clock), occurredAt: instant }));
    const batches = Array.from({ length: 8 }, batch);
    for (const events of batches) await write(events);
    expect((await write(batches[0] ?? [])).duplicates).toBe(2_000);
    // Each id is one probe of the index of ids; looked up by time, each would read all 16,000 events of the instant.
    const probes = async (): Promise<number> =>
      (
        await database.ownerDb.query<{ probes: number }>(
          "select idx_scan::int as probes from pg_stat_user_indexes where relname = 'event_202606010000' and indexrelname like '%_id_occurred_at%'",
        )
      ).rows[0]?.probes ?? 0;
    for (let wait = 0; wait < 50 && (await probes()) < 8_000; wait++)
      await new Promise((next) => setTimeout(next, 100));
    // PostgreSQL tells its statistics late: half of the 18,000 will do.
    expect(await probes()).toBeGreaterThanOrEqual(8_000);
  });
});
