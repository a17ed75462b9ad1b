import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { importedEvents, importItems, type TestDatabase, testDatabase } from "@daybook/testkit";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { configWith } from "../config.ts";
import { type OpenRecord, openRecord } from "../record/open-record.ts";
import { formats } from "./formats.ts";
import { type ImportReport, runImport } from "./import-run.ts";
import { findSources } from "./source.ts";
import { sshd } from "./sshd/sshd.ts";

// Real public logs beside the checkout, with the answers that others worked out. They are never part of the repository.
const shared = resolve(import.meta.dirname, "../../../../../shared/data");
const absent = existsSync(shared) ? "" : ` (skipped: ${shared} is not there)`;

let database: TestDatabase;
let opened: OpenRecord;
let folder: string;

beforeAll(async () => {
  database = await testDatabase();
  const { db, ownerDb } = database;
  opened = await openRecord({ config: configWith({}), db, ownerDb, log: pino({ level: "silent" }), clock: Date.now });
  folder = mkdtempSync(join(tmpdir(), "daybook-answers-"));
});

afterAll(async () => {
  await opened.close();
  await database.close();
  rmSync(folder, { recursive: true });
});

async function importing(format: string, path: string, year?: number): Promise<ImportReport> {
  const importer = formats.find((one) => one.name === format);
  if (!importer) throw new Error(`no format ${format}`);
  return runImport({
    importer,
    sources: await findSources([join(shared, path)], importer.files, Date.now(), () => Readable.from([])),
    options: { timezone: "UTC", now: Date.now(), year },
    record: opened.record,
    db: database.db,
    workspaceId: database.workspaceId,
    reject: async () => {},
  });
}

const truthOf = (path: string) => JSON.parse(readFileSync(join(shared, path, "truth.json"), "utf8"));
const query = async <T extends Record<string, unknown>>(sql: string): Promise<T[]> =>
  (await database.ownerDb.query<T>(sql)).rows;
/** The rows `key, n` of a query as an object. */
const counts = async (sql: string): Promise<Record<string, number>> =>
  Object.fromEntries((await query<{ key: string; n: number }>(sql)).map(({ key, n }) => [key, n]));

const login = "action = 'auth.login'";
const failedLogin = `${login} and outcome = 1`;

describe.skipIf(absent)(`the SSH log of one public server${absent}`, () => {
  let truth: ReturnType<typeof truthOf>;
  let report: ImportReport;
  beforeAll(async () => {
    await database.ownerDb.query("delete from event");
    truth = truthOf("ssh-auth-ec2");
    report = await importing("sshd", "ssh-auth-ec2", 2017);
  });

  it("is read to the last line", () => {
    // A line that stands for N attempts is N entries: 85 lines for 410 attempts.
    expect(report).toMatchObject({ read: 7_121 - 85 + 410, rejected: 0, duplicates: 0, broken: [] });
    expect(report.accepted).toBe(report.read - report.skipped);
  });

  it("has as many failed attempts, by address, as there were", async () => {
    const byIp = await counts(`select host(ip) as key, count(*) as n from event where ${failedLogin} group by 1`);
    expect(byIp).toEqual(truth.failed_by_ip);
    expect(Object.values(byIp).reduce((sum, n) => sum + n, 0)).toBe(truth.failed_attempts_total);
    expect(Object.keys(byIp)).toHaveLength(truth.distinct_failed_ips);
  });

  it("names the same brute force: five failures of one address within ten minutes", async () => {
    const found = await query<{ ip: string }>(
      `select distinct host(ip) as ip from (select ip, occurred_at - lag(occurred_at, 4) over (partition by ip order by occurred_at, seq) as span
         from event where ${failedLogin}) as spans where span <= interval '600 s'`,
    );
    const expected = (truth.brute_force_ips as { ip: string }[]).map((one) => one.ip);
    expect(found.map((one) => one.ip).sort()).toEqual(expected.sort());
    expect(found).toHaveLength(101);
  });

  it("has the same accepted sign-ins, by user and by method", async () => {
    const accepted = `${login} and outcome = 0`;
    expect(await counts(`select actor_id as key, count(*) as n from event where ${accepted} group by 1`)).toEqual(
      truth.accepted_by_user,
    );
    expect(
      await counts(`select details::json->>'method' as key, count(*) as n from event where ${accepted} group by 1`),
    ).toEqual(truth.accepted_by_method);
  });

  it("has the same failures by user, also for the empty name", async () => {
    const byUser = await query<{ user: string; failed: number; distinct_ips: number }>(
      `select details::json->>'user' as user, count(*) as failed, count(distinct ip) as distinct_ips from event where ${failedLogin} group by 1`,
    );
    const found = new Map(byUser.map((one) => [one.user, one]));
    for (const one of truth.top_failed_users) expect(found.get(one.user)).toEqual(one);
    expect(found.get("")?.failed).toBe(43);
  });

  it("has the sign-in that the brute force ended in, at its second", async () => {
    const [attack] = truth.successful_login_from_brute_force_ip;
    const rows = await query<{ at: Date; user: string }>(
      `select occurred_at as at, actor_id as user from event where ${login} and outcome = 0 and ip = '${attack.ip}' and details::json->>'method' = 'password'`,
    );
    expect(rows).toContainEqual({ at: new Date(`${attack.logins[0].time}Z`), user: attack.logins[0].user });
  });

  it("has the other deeds: sudo, su, new accounts, passwords", async () => {
    const by = (action: string, condition = "true") =>
      query<{ n: number }>(`select count(*) as n from event where action = '${action}' and ${condition}`).then(
        (rows) => rows[0]?.n,
      );
    const { account_events: account } = truth;
    const created = await query<{ user: string; at: Date }>(
      "select target_id as user, occurred_at as at from event where action = 'system.account.created' and outcome = 0 order by seq",
    );
    const expected = account.new_users as { user: string; time: string }[];
    expect(created).toEqual(expected.map(({ user, time }) => ({ user, at: new Date(`${time}Z`) })));
    expect(await by("auth.password.changed", "outcome = 1 and reason = 'unknown_user'")).toBe(
      account.chpasswd_unknown_user,
    );
    expect(
      await counts(
        "select target_id as key, count(*) as n from event where action = 'auth.password.changed' and outcome = 0 group by 1",
      ),
    ).toEqual(account.password_changed);
    const who = "select actor_id || '->' || (details::json->>'runAs') as key, count(*) as n from event";
    expect(await counts(`${who} where action = 'auth.command.elevated' group by 1`)).toEqual(account.sudo_by_user);
    expect(await by("auth.elevation.granted")).toBe(account.su["Successful root->root"]);
  });

  it("spans the same time, and adds nothing when it is read again", async () => {
    expect(new Date(report.lastMs ?? 0).toISOString()).toBe("2017-04-20T14:14:29.000Z");
    expect(await importing("sshd", "ssh-auth-ec2/auth.log", 2017)).toMatchObject({
      accepted: 0,
      duplicates: report.accepted,
    });
  });
});

describe.skipIf(absent)(`the CloudTrail of an attack${absent}`, () => {
  let truth: ReturnType<typeof truthOf>;
  let report: ImportReport;
  beforeAll(async () => {
    await database.ownerDb.query("delete from event");
    truth = truthOf("cloudtrail-attack");
    report = await importing("cloudtrail", "cloudtrail-attack");
  });

  it("is there with every record once", async () => {
    // The folder holds the answers too: one file that is no CloudTrail.
    expect(report).toMatchObject({
      read: truth.events,
      accepted: truth.events,
      duplicates: 0,
      rejected: 0,
      skipped: 0,
    });
    expect((await query("select distinct id from event")).length).toBe(truth.distinct_event_ids);
  });

  it("has the same events by name and by service", async () => {
    expect(await counts("select details::json->>'sourceAction' as key, count(*) as n from event group by 1")).toEqual(
      truth.events_per_eventName,
    );
    expect(await counts("select details::json->>'eventSource' as key, count(*) as n from event group by 1")).toEqual(
      truth.events_per_eventSource,
    );
  });

  it("has the same events by identity, by address and by error", async () => {
    const bySource = "select coalesce(host(ip), details::json->>'source') as key, count(*) as n from event group by 1";
    expect(await counts(bySource)).toEqual(truth.events_per_sourceIPAddress);
    expect(await counts("select reason as key, count(*) as n from event where reason is not null group by 1")).toEqual(
      truth.events_per_errorCode,
    );
    const byActor = await counts("select actor_id as key, count(*) as n from event group by 1");
    for (const [identity, n] of Object.entries(truth.events_per_identity))
      if (identity.startsWith("arn:")) expect(byActor[identity]).toBe(n);
  });

  it("spans the same time, with the failures that there were", async () => {
    expect([report.firstMs, report.lastMs]).toEqual([Date.parse(truth.first), Date.parse(truth.last)]);
    expect((await query("select 1 from event where outcome <> 0")).length).toBe(truth.failed_events);
  });

  it("names who was denied five times within ten minutes", async () => {
    const rows = await query<{ id: string }>(
      `select distinct actor_id as id from (select actor_id, occurred_at - lag(occurred_at, 4) over (partition by actor_id order by occurred_at, seq) as span
         from event where outcome = 2) as spans where span <= interval '600 s'`,
    );
    const expected = (truth.denied_bursts as { identity: string }[]).map((one) => one.identity);
    expect(rows.map((one) => one.id).sort()).toEqual(expected.sort());
  });

  it("calls things by our names where there is one", async () => {
    const by = await counts("select action as key, count(*) as n from event group by 1");
    expect(by).toMatchObject({
      "auth.login": 2,
      "user.created": 4,
      "api_key.created": 2,
      "log.logging.stopped": 3,
      "log.trail.deleted": 3,
      "server.created": 8,
      "server.deleted": 2,
    });
  });

  it("tells the secrets apart that were read, though their names stand after the word", async () => {
    const [row] = await query<{ n: number }>(
      "select count(distinct target_id) as n from event where action = 'secret.read'",
    );
    expect(row?.n).toBe(20);
  });

  it("adds nothing when it is read again", async () => {
    expect(await importing("cloudtrail", "cloudtrail-attack")).toMatchObject({ accepted: 0, duplicates: truth.events });
  });
});

describe.skipIf(absent)(`the SSH logs of many kinds of system${absent}`, () => {
  const logs = join(shared, "panel-login-scenarios/logs");
  const results = absent
    ? []
    : (truthOf("panel-login-scenarios").results as { test: string; log: string; lines: number }[]);

  it.each(results.filter((result) => /^(ssh|opnsense-sshd|pam-logs|syslog-logs)/.test(result.test)))(
    "$test is read line by line",
    async ({ log }) => {
      const text = readFileSync(join(shared, "panel-login-scenarios", log), "utf8");
      const items = await importItems(sshd, [text]);
      const lines = text.split(/\r?\n/).filter((line) => line.trim() !== "");
      expect(new Set(items.map((item) => ("fault" in item ? item.fault.line : item.line))).size).toBe(lines.length);
      for (const event of importedEvents(items)) {
        const ip = String(event.origin?.ip);
        expect(lines.some((line) => line.includes(ip) && /Failed|Accepted/.test(line))).toBe(true);
      }
    },
  );

  it("take the address of a traveller from both of his sign-ins", async () => {
    const text = readFileSync(join(logs, "sshd-impossible-travel/sshd-success-logs.log"), "utf8");
    expect(importedEvents(await importItems(sshd, [text])).map((event) => event.origin?.ip)).toEqual([
      "1.2.3.4",
      "9.8.8.8",
    ]);
  });

  it("and every other log there is survived, whatever it is", async () => {
    const files = readdirSync(logs, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(100);
    for (const entry of files) {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      for (const format of formats) if (format.name !== "csv") await importItems(format, [bytes]);
    }
  });
});
