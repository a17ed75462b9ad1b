import type { EventInput } from "@daybook/contract";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configWith } from "../config.ts";
import { keepLog } from "./keeping.ts";
import { type OpenRecord, openRecord } from "./open-record.ts";
import { findPartitions, sealPast, splitHot } from "./partitions.ts";

let database: TestDatabase;
let opened: OpenRecord;
let clock = Date.parse("2026-11-20T10:00:00.000Z");
const log = pino({ level: "silent" });

beforeAll(async () => {
  database = await testDatabase();
  const { db, ownerDb } = database;
  opened = await openRecord({ config: configWith({}), db, ownerDb, log, clock: () => clock });
});

afterAll(async () => {
  await opened.close();
  await database.close();
});

const at = (time: string): EventInput => ({ action: "server.created", actor: { type: "system" }, occurredAt: time });
const write = (...times: string[]) => opened.record.write(database.workspaceId, times.map(at));
const bounds = async () =>
  (await findPartitions(database.ownerDb)).map(
    ({ startsAtMs, endsAtMs, sealed }) =>
      `${new Date(startsAtMs).toISOString().slice(0, 16)} ${new Date(endsAtMs).toISOString().slice(0, 16)}${sealed ? " sealed" : ""}`,
  );
const keep = () =>
  keepLog({ ownerDb: database.ownerDb, log, clock: () => clock, partitions: opened.appender.partitions, chores: [] });

test("this month's and the next two months' partitions are there before they are needed", async () => {
  await keep();
  expect(await bounds()).toEqual([
    "2026-11-01T00:00 2026-12-01T00:00",
    "2026-12-01T00:00 2027-01-01T00:00",
    "2027-01-01T00:00 2027-02-01T00:00",
  ]);
});

test("an event of the past gets the month it needs, those before 2000 share one", async () => {
  await write("2024-02-29T23:59:59.999Z", "1985-10-26T01:21:00Z", "1971-01-01T00:00:00Z");
  expect((await bounds()).slice(0, 2)).toEqual([
    "1970-01-01T00:00 2000-01-01T00:00",
    "2024-02-01T00:00 2024-03-01T00:00",
  ]);
});

test("a partition that has grown large is split a little ahead of now, while events arrive", async () => {
  await Promise.all(Array.from({ length: 20 }, () => write(new Date(clock).toISOString())));
  const [split] = await Promise.all([
    splitHot(database.ownerDb, clock, 20),
    ...Array.from({ length: 20 }, () => write(new Date(clock + 200_000).toISOString())),
  ]);
  expect(split).toBe(true);
  expect(await bounds()).toContain("2026-11-01T00:00 2026-11-20T10:10");
  expect(await bounds()).toContain("2026-11-20T10:10 2026-12-01T00:00");
  await write("2026-11-20T10:04:00Z", "2026-11-03T10:04:00Z");
  clock += 30 * 60_000;
  await write(new Date(clock).toISOString());
  const { rows } = await database.ownerDb.query<{ n: number; seqs: number }>(
    "select count(*) as n, count(distinct seq) as seqs from event",
  );
  expect(rows[0]).toEqual({ n: 46, seqs: 46 });
});

test("past partitions are sealed with a text index, which late events enter too; the hot one is not", async () => {
  const sealed = await sealPast(database.ownerDb, clock);
  expect(sealed).toHaveLength(3);
  expect((await bounds()).filter((line) => line.endsWith("sealed"))).toHaveLength(3);
  await write("2026-11-03T11:00:00Z");
  const client = await database.ownerDb.connect();
  await client.query("begin; set local enable_seqscan = off");
  const { rows } = await client.query<{ "QUERY PLAN": string }>(
    `explain select seq from event_202611010000 where event_text(summary, actor_id, actor_name, actor_email, on_behalf_of,
       target_id, target_name, target_owner_id, more_targets, ip, details) like '%created%'`,
  );
  await client.query("rollback");
  client.release();
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain("event_202611010000_text");
  expect(await sealPast(database.ownerDb, clock)).toEqual([]);
});

test("a past partition that still takes rows is sealed when it has come to rest", async () => {
  const settling = new Map<string, { written: number; sinceMs: number }>();
  await write("2019-01-05T00:00:00Z");
  expect(await sealPast(database.ownerDb, clock, settling)).toEqual([]);
  // As if rows had come since: PostgreSQL tells its own count late.
  settling.set("event_201901010000", { written: -1, sinceMs: clock - 3_600_000 });
  expect(await sealPast(database.ownerDb, clock, settling)).toEqual([]);
  const { written = 0 } = settling.get("event_201901010000") ?? {};
  settling.set("event_201901010000", { written, sinceMs: clock - 3_600_000 });
  expect(await sealPast(database.ownerDb, clock, settling)).toEqual(["event_201901010000"]);
});

test("a build of the text index that was interrupted is done again", async () => {
  await write("2020-05-05T00:00:00Z");
  await database.ownerDb.query("create index event_202005010000_text on event_202005010000 (seq)");
  expect(await sealPast(database.ownerDb, clock)).toEqual(["event_202005010000"]);
});

test("a chore that fails leaves the others running", async () => {
  let ran = false;
  const chores = [
    { name: "fails", run: () => Promise.reject(new Error("on purpose")) },
    {
      name: "works",
      run: async () => {
        ran = true;
      },
    },
  ];
  await keepLog({ ownerDb: database.ownerDb, log, clock: () => clock, partitions: opened.appender.partitions, chores });
  expect(ran).toBe(true);
});
