import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { type TestDatabase, testDatabase, textSource } from "@daybook/testkit";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { configWith } from "../../config.ts";
import { mailStatusNumber } from "../../mail/mail-row.ts";
import { type OpenRecord, openRecord } from "../../record/open-record.ts";
import { type ImportReport, runImport } from "../import-run.ts";
import { findSources, type Source } from "../source.ts";
import { postfix } from "./postfix.ts";

let database: TestDatabase;
let opened: OpenRecord;
beforeAll(async () => {
  database = await testDatabase();
  const { db, ownerDb } = database;
  opened = await openRecord({ config: configWith({}), db, ownerDb, log: pino({ level: "silent" }), clock: Date.now });
});
afterAll(async () => {
  await opened.close();
  await database.close();
});
beforeEach(async () => {
  for (const table of ["event", "mail_message", "mail_text", "mail_attempt", "mail_happening", "mail_hour"])
    await database.ownerDb.query(`delete from ${table}`);
});

const importing = (sources: Source[]): Promise<ImportReport> =>
  runImport({
    importer: postfix,
    sources,
    options: { timezone: "UTC", now: Date.now(), year: 2026 },
    record: opened.record,
    db: database.db,
    workspaceId: database.workspaceId,
    reject: async () => {},
  });
const importText = (...logs: string[]) => importing(logs.map((log) => textSource(log)));
const rows = async <T extends Record<string, unknown>>(sql: string): Promise<T[]> =>
  (await database.ownerDb.query<T>(sql)).rows;

const at = (second: number, program: string, message: string) =>
  `Nov 20 10:00:${String(second).padStart(2, "0")} mx-1 postfix/${program}[77]: ${message}\n`;
const outcome = (
  status: string,
  more = "relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1",
  said = "connect to mx: refused",
) => `3F0A1: to=<D@acme.example>, ${more}, status=${status} (${said})`;
const begin = [
  at(1, "smtpd", "3F0A1: client=panel[192.0.2.7], sasl_method=PLAIN, sasl_username=panel"),
  at(1, "cleanup", "3F0A1: message-id=<abc@panel.example>"),
  at(1, "qmgr", "3F0A1: from=<p@panel.example>, size=1234, nrcpt=1 (queue active)"),
  at(2, "smtp", outcome("deferred")),
].join("");
const goOn = [
  at(40, "smtp", outcome("deferred", "relay=none, delay=39, delays=38/0/1/0, dsn=4.4.1")),
  at(
    50,
    "smtp",
    outcome("sent", "relay=mx[192.0.2.1]:25, delay=49, delays=48/0/0/1, dsn=2.0.0", "250 2.0.0 Ok: queued as 9F"),
  ),
  at(50, "qmgr", "3F0A1: removed"),
].join("");

describe("the deliveries of a mail log", () => {
  it("make one message a recipient, with an attempt for each deferral", async () => {
    expect(await importText(begin + goOn)).toMatchObject({ read: 7, accepted: 3, rejected: 0 });
    const [mail, ...others] = await rows("select * from mail_message");
    expect(others).toEqual([]);
    expect(mail).toMatchObject({
      ...{
        to_address: "D@acme.example",
        to_key: "d@acme.example",
        to_domain: "acme.example",
        delivery: 3,
        attempts: 3,
      },
      ...{
        status: mailStatusNumber("sent"),
        queue_id: "3F0A1",
        message_id: "abc@panel.example",
        size_bytes: 1234,
        class: null,
      },
      ...{
        transport: "mx[192.0.2.1]:25",
        queued_at: new Date("2026-11-20T10:00:01Z"),
        sent_at: new Date("2026-11-20T10:00:50Z"),
      },
      answer: "250 2.0.0 Ok: queued as 9F",
    });
    expect(await rows("select n, outcome, class, code from mail_attempt order by n")).toEqual([
      { n: 1, outcome: 2, class: "connect", code: null },
      { n: 2, outcome: 2, class: "connect", code: null },
      { n: 3, outcome: 1, class: null, code: 250 },
    ]);
    expect(await rows("select hour, domain, queued, sent from mail_hour")).toEqual([
      { hour: new Date("2026-11-20T10:00:00Z"), domain: "acme.example", queued: 1, sent: 1 },
    ]);
  });

  it("have events that lead to the message, and each of its happenings to its event", async () => {
    await importText(begin + goOn);
    const linked = await rows(
      `select event.action from event join mail_happening as happening on happening.event_id = event.id
         join mail_message as mail on mail.id = happening.message_id and mail.id::text = event.target_id order by happening.n`,
    );
    expect(linked).toEqual([{ action: "mail.deferred" }, { action: "mail.deferred" }, { action: "mail.sent" }]);
  });

  it("add nothing when they are imported again", async () => {
    await importText(begin + goOn);
    const before = await rows("select * from mail_message");
    expect(await importText(begin + goOn)).toMatchObject({ accepted: 0, duplicates: 3 });
    expect(await rows("select * from mail_message")).toEqual(before);
    expect(await rows("select sum(queued) as queued, sum(sent) as sent from mail_hour")).toEqual([
      { queued: 1, sent: 1 },
    ]);
  });

  it("add nothing either when the run before broke off between the mail log and the record", async () => {
    await importText(begin + goOn);
    await database.ownerDb.query("delete from event");
    expect(await importText(begin + goOn)).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(await rows("select attempts, happenings from mail_message")).toEqual([{ attempts: 3, happenings: 3 }]);
  });

  it("go on with the message when the rest of the log comes in a later run", async () => {
    await importText(begin);
    expect(await rows("select status, attempts, class from mail_message")).toEqual([
      { status: 0, attempts: 1, class: "connect" },
    ]);
    await importText(goOn);
    const [mail, ...others] = await rows("select id, status, attempts from mail_message");
    expect(others).toEqual([]);
    expect(mail).toMatchObject({ status: mailStatusNumber("sent"), attempts: 3 });
    expect(await rows("select distinct target_id from event")).toEqual([{ target_id: mail?.id }]);
  });

  it("belong to the mail that Daybook itself gave to this server", async () => {
    const own = "01932f3c-0000-7000-8000-000000000001";
    await database.ownerDb.query(
      `insert into mail_message (workspace_id, id, status, delivery, subject, from_address, to_address, to_key, to_domain, queue_id, queued_at, sent_at)
         values ($1, $2, 1, 0, 'Welcome', 'p@panel.example', 'd@acme.example', 'd@acme.example', 'acme.example', '3F0A1', '2026-11-20T10:00:00Z', '2026-11-20T10:00:01Z')`,
      [database.workspaceId, own],
    );
    await importText(
      begin + at(30, "smtp", outcome("bounced", "relay=mx[192.0.2.1]:25, delay=29, dsn=5.1.1", "unknown user")),
    );
    expect(await rows("select id, subject, status, class from mail_message")).toEqual([
      { id: own, subject: "Welcome", status: mailStatusNumber("bounced"), class: "recipient_refused" },
    ]);
    expect(await rows("select sum(sent) as sent, sum(bounced) as bounced from mail_hour")).toEqual([
      { sent: -1, bounced: 1 },
    ]);
  });

  it("do not take back what a provider said later", async () => {
    await importText(begin);
    await database.ownerDb.query("update mail_message set status = $1", [mailStatusNumber("complained")]);
    await importText(goOn);
    expect(await rows("select status from mail_message")).toEqual([{ status: mailStatusNumber("complained") }]);
  });
});

const shared = resolve(import.meta.dirname, "../../../../../../shared/data/mail-postfix-server");
const absent = existsSync(shared) ? "" : ` (skipped: ${shared} is not there)`;

describe.skipIf(absent)(`the mail log of one real server${absent}`, () => {
  const truth = absent ? {} : JSON.parse(readFileSync(join(shared, "truth.json"), "utf8"));
  const real = async () =>
    importing(await findSources([join(shared, "mail.log.gz")], postfix.files, Date.now(), () => Readable.from([])));
  const counts = async (sql: string): Promise<Record<string, number>> =>
    Object.fromEntries((await rows<{ key: string; n: number }>(sql)).map(({ key, n }) => [key, n]));

  it("has the deliveries and refusals that others counted, and a second import adds none", async () => {
    const report = await real();
    expect(report).toMatchObject({ read: truth.lines, rejected: 0, broken: [] });
    expect(report.accepted).toBe(truth.delivery_attempts + truth.rejects_NOQUEUE);
    expect(await counts("select action as key, count(*) as n from event group by 1")).toEqual({
      "mail.sent": truth.deliveries_by_status.sent,
      "mail.bounced": truth.deliveries_by_status.bounced,
      "mail.rejected": truth.rejects_NOQUEUE,
    });
    const rejects = "from event where action = 'mail.rejected' group by 1";
    // The answers name the thirty addresses with the most.
    expect(await counts(`select host(ip) as key, count(*) as n ${rejects}`)).toMatchObject(truth.rejects_by_client_ip);
    expect(
      await counts(
        `select (details::jsonb ->> 'code') || ' ' || (details::jsonb ->> 'dsn') as key, count(*) as n ${rejects}`,
      ),
    ).toEqual(truth.rejects_by_code);
    await messagesAsCounted();
    const before = await rows("select id, status, attempts, happenings from mail_message order by id");
    expect(await real()).toMatchObject({ accepted: 0, duplicates: report.accepted });
    expect(await rows("select id, status, attempts, happenings from mail_message order by id")).toEqual(before);
  }, 300_000);

  /** Each delivery that was counted is an attempt of the message with its queue id and recipient. */
  async function messagesAsCounted(): Promise<void> {
    const wanted = readFileSync(join(shared, "deliveries.truth.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const found = await rows(
      `select mail.queue_id, mail.to_address, mail.from_address, attempt.host, attempt.enhanced, attempt.ended_at, attempt.line,
              mail.size_bytes > 0 as has_size
         from mail_attempt as attempt join mail_message as mail on mail.id = attempt.message_id`,
    );
    const line = (parts: unknown[]) => parts.join(" | ");
    expect(
      found
        .map((row) =>
          line([row.queue_id, row.to_address, row.from_address, row.host ?? "none", row.enhanced, row.line]),
        )
        .sort(),
    ).toEqual(wanted.map((row) => line([row.queue_id, row.to, row.from, row.relay, row.dsn, row.response])).sort());
    expect(found.every((row) => row.has_size)).toBe(true);
    const times = (list: Date[]) => list.map((time) => time.getTime()).sort();
    expect(times(found.map((row) => row.ended_at as Date))).toEqual(times(wanted.map((row) => new Date(row.time))));
    expect(await counts("select status::text as key, count(*) as n from mail_message group by 1")).toEqual({
      [mailStatusNumber("sent")]: truth.deliveries_by_status.sent,
      [mailStatusNumber("bounced")]: truth.deliveries_by_status.bounced,
    });
  }
});
