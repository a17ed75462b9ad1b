import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import type { Attack } from "@daybook/contract";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formats } from "../collect/formats.ts";
import { runImport } from "../collect/import-run.ts";
import { findSources } from "../collect/source.ts";
import { configWith } from "../config.ts";
import { type OpenRecord, openRecord } from "../record/open-record.ts";
import { parseTrustedProxies } from "../record/origin/client-ip.ts";
import { fullSight } from "../record/sight.ts";
import { findAttacks } from "./attacks.ts";
import { findBlockList } from "./block-list.ts";

// A real public log beside the checkout, with the answers that others worked out. It is never part of the repository.
const shared = resolve(import.meta.dirname, "../../../../../shared/data/ssh-auth-ec2");
const absent = existsSync(shared) ? "" : " (skipped: the folder of public logs is not beside the checkout)";

interface KnownAttack {
  ip: string;
  failed_total: number;
  max_failed_in_any_600s: number;
  first_failed: string;
  last_failed: string;
  threshold_reached_at: string;
  distinct_users: number;
  accepted_after_threshold: { time: string; user: string }[];
}

let database: TestDatabase;
let opened: OpenRecord;

const range = { fromMs: Date.UTC(2017, 0, 1), toMs: Date.UTC(2018, 0, 1) };
const utc = (time: string): string => `${time}.000Z`;

describe.skipIf(absent)(`brute force in the SSH log of one public server${absent}`, () => {
  let known: {
    brute_force_ips: KnownAttack[];
    failed_attempts_total: number;
    top_failed_users: { user: string; failed: number; distinct_ips: number }[];
  };
  let attacks: Attack[];

  beforeAll(async () => {
    known = JSON.parse(readFileSync(join(shared, "truth.json"), "utf8"));
    database = await testDatabase();
    const { db, ownerDb } = database;
    opened = await openRecord({ config: configWith({}), db, ownerDb, log: pino({ level: "silent" }), clock: Date.now });
    const importer = formats.find((one) => one.name === "sshd");
    if (!importer) throw new Error("no format sshd");
    await runImport({
      importer,
      sources: await findSources([join(shared, "auth.log")], importer.files, Date.now(), () => Readable.from([])),
      options: { timezone: "UTC", now: Date.now(), year: 2017 },
      record: opened.record,
      db,
      workspaceId: database.workspaceId,
      reject: async () => {},
    });
    const found = await findAttacks(db, searcher(), { by: "address", ...range, min: 5, minutes: 10, limit: 500 });
    attacks = found.items;
    expect(found.failures).toBe(known.failed_attempts_total);
  });
  afterAll(async () => {
    await opened.close();
    await database.close();
  });
  const searcher = () => ({ workspaceId: database.workspaceId, sight: fullSight });

  it("finds every known address and no other", () => {
    expect(attacks.map(({ value }) => value).sort()).toEqual(known.brute_force_ips.map(({ ip }) => ip).sort());
  });

  it("counts them, times them and finds the worst ten minutes as known", () => {
    const found = attacks.map(({ value, failures, burst, firstAt, lastAt, reachedAt }) => ({
      value,
      failures,
      burst,
      firstAt,
      lastAt,
      reachedAt,
    }));
    const wanted = known.brute_force_ips.map((each) => ({
      value: each.ip,
      failures: each.failed_total,
      burst: each.max_failed_in_any_600s,
      firstAt: utc(each.first_failed),
      lastAt: utc(each.last_failed),
      reachedAt: utc(each.threshold_reached_at),
    }));
    const byValue = (left: { value: string }, right: { value: string }) => (left.value < right.value ? -1 : 1);
    expect(found.sort(byValue)).toEqual(wanted.sort(byValue));
  });

  it("puts the one that got in first, with when and as whom", () => {
    const [first, ...others] = attacks;
    const wanted = known.brute_force_ips.filter((each) => each.accepted_after_threshold.length > 0);
    expect(wanted).toHaveLength(1);
    expect(first).toMatchObject({
      value: wanted[0]?.ip,
      succeededAt: utc(wanted[0]?.accepted_after_threshold[0]?.time ?? ""),
      succeededAs: `user/${wanted[0]?.accepted_after_threshold[0]?.user}`,
      others: wanted[0]?.distinct_users,
    });
    expect(others.filter((each) => each.succeededAt !== undefined)).toEqual([]);
  });

  it("groups by account: the most attacked one and the addresses that tried it", async () => {
    const [root] = known.top_failed_users;
    const { items } = await findAttacks(database.db, searcher(), {
      by: "account",
      ...range,
      min: 5,
      minutes: 10,
      limit: 500,
    });
    expect(items.find(({ value }) => value === `user/${root?.user}`)).toMatchObject({
      failures: root?.failed,
      others: root?.distinct_ips,
    });
  });

  it("lists all of them to be blocked", async () => {
    const spare = { proxies: parseTrustedProxies([]), ownIp: "" };
    const list = await findBlockList(database.db, searcher(), { ...range, min: 5, minutes: 10 }, spare);
    expect(list).toMatchObject({ leftOut: 0, cut: false });
    expect(list.items).toHaveLength(known.brute_force_ips.length);
  });
});
