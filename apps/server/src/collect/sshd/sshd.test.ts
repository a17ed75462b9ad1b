import type { EventInput } from "@daybook/contract";
import { importedEvents, importItems, textSource } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import type { ImportOptions } from "../importer.ts";
import { sshd } from "./sshd.ts";

const read = (text: string, options: Partial<ImportOptions> = {}) =>
  importItems(sshd, [text], { year: 2026, ...options });
const events = async (text: string, options: Partial<ImportOptions> = {}) => importedEvents(await read(text, options));
const only = async (text: string, options: Partial<ImportOptions> = {}): Promise<EventInput> => {
  const found = await events(text, options);
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} events in ${text}`);
  return found[0];
};

const failed = "Failed password for root from 203.0.113.9 port 4242 ssh2";
const line = `Nov 20 10:11:12 web-1 sshd[77]: ${failed}`;

describe("sshd's verdicts", () => {
  it("become sign-ins with who, from where, how and whether it worked", async () => {
    expect(await only(line)).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      occurredAt: "2026-11-20T10:11:12.000Z",
      action: "auth.login",
      actor: { type: "user", id: "root", name: "root" },
      targets: [{ type: "server", id: "web-1", name: "web-1" }],
      origin: { ip: "203.0.113.9", auth: "ssh" },
      outcome: "failure",
      reason: "invalid_password",
      details: { user: "root", method: "password", port: 4242, host: "web-1", pid: 77 },
    });
  });

  it.each([
    ["Failed password for invalid user admin from 203.0.113.9 port 1 ssh2", "failure", "unknown_user", "admin"],
    ["Failed password for illegal user admin from 203.0.113.9 port 1", "failure", "unknown_user", "admin"],
    ["Failed keyboard-interactive/pam for dana from 203.0.113.9 port 1 ssh2", "failure", "invalid_password", "dana"],
    ["Failed publickey for dana from 203.0.113.9 port 1 ssh2: RSA SHA256:abc", "failure", "invalid_key", "dana"],
    ["Failed none for dana from 203.0.113.9 port 1 ssh2", "failure", "no_credentials", "dana"],
    [
      "Failed gssapi-with-mic for dana from 203.0.113.9 port 1 ssh2 [preauth]",
      "failure",
      "invalid_credentials",
      "dana",
    ],
    ["Accepted password for dana from 203.0.113.9 port 1 ssh2", "success", undefined, "dana"],
    ["Accepted publickey for dana from 203.0.113.9 port 1 ssh2: ED25519 SHA256:abc", "success", undefined, "dana"],
  ])("in the words %s", async (message, outcome, reason, user) => {
    const event = await only(`Nov 20 10:11:12 web-1 sshd[77]: ${message}`);
    expect(event).toMatchObject({ action: "auth.login", outcome, actor: { id: user }, origin: { ip: "203.0.113.9" } });
    expect(event.reason).toBe(reason);
  });

  it("keep an empty user name as nobody's", async () => {
    const event = await only(
      "Nov 20 10:11:12 web-1 sshd[77]: Failed password for invalid user  from 203.0.113.9 port 1 ssh2",
    );
    expect(event.actor).toEqual({ type: "anonymous" });
    expect(event.details).toMatchObject({ user: "", invalidUser: true });
    expect(event.reason).toBe("unknown_user");
  });

  it("are not misled by a user name that looks like the end of the line", async () => {
    const event = await only(
      "Nov 20 10:11:12 web-1 sshd[77]: Failed password for invalid user x from 198.51.100.1 port 22 ssh2 from 203.0.113.9 port 1 ssh2",
    );
    expect(event.origin?.ip).toBe("203.0.113.9");
    expect(event.actor?.id).toBe("x from 198.51.100.1 port 22 ssh2");
  });

  it("give IPv6 in one form, unmap ::ffff:, and keep a host name as what it is", async () => {
    const from = async (source: string) =>
      only(`Nov 20 10:11:12 h sshd[7]: Accepted password for dana from ${source} port 1 ssh2`);
    expect((await from("2001:DB8:0::1")).origin?.ip).toBe("2001:db8::1");
    expect((await from("::ffff:203.0.113.9")).origin?.ip).toBe("203.0.113.9");
    expect((await from("fe80::1%eth0")).origin?.ip).toBe("fe80::1");
    const named = await from("client.example.org");
    expect(named.origin?.ip).toBeNull();
    expect(named.details).toMatchObject({ source: "client.example.org" });
  });

  it("come from the helper programs of newer releases too", async () => {
    expect(await events(line.replace("sshd[", "sshd-session["))).toHaveLength(1);
    expect(await events(line.replace("sshd[", "sshd-auth["))).toHaveLength(1);
    expect(await events(line.replace("sshd[77]", "nginx[77]"))).toHaveLength(0);
  });

  it("cut names that are longer than an event can hold", async () => {
    const event = await only(line.replace("root", "r".repeat(5_000)));
    expect(event.actor?.id?.length).toBeLessThanOrEqual(512);
  });
});

describe("lines that tell of the same attempt again", () => {
  it.each([
    "Invalid user admin from 203.0.113.9 port 1",
    "input_userauth_request: invalid user admin [preauth]",
    "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
    "PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=203.0.113.9  user=root",
    "error: maximum authentication attempts exceeded for root from 203.0.113.9 port 1 ssh2 [preauth]",
    "Connection closed by invalid user admin 203.0.113.9 port 1 [preauth]",
    "Disconnecting: Too many authentication failures [preauth]",
    "User root from 203.0.113.9 not allowed because not listed in AllowUsers",
  ])("are read and skipped: %s", async (message) => {
    expect(await read(`Nov 20 10:11:12 web-1 sshd[77]: ${message}`)).toEqual([{ skipped: "sshd", line: 1 }]);
  });
});

describe("repeated messages", () => {
  it("are so many attempts, each with an id of its own", async () => {
    const found = await events(`Nov 20 10:11:12 web-1 sshd[77]: message repeated 4 times: [ ${failed}]`);
    expect(found).toHaveLength(4);
    expect(new Set(found.map((event) => event.id)).size).toBe(4);
    expect(found.every((event) => event.reason === "invalid_password" && event.origin?.ip === "203.0.113.9")).toBe(
      true,
    );
  });

  it("are told from the line before that they repeat, and from a second such line", async () => {
    const repeated = `Nov 20 10:11:12 web-1 sshd[77]: message repeated 2 times: [ ${failed}]`;
    const found = await events([line, repeated, line, repeated].join("\n"));
    expect(new Set(found.map((event) => event.id)).size).toBe(6);
  });

  it("may name no message: then it is the last one of that host", async () => {
    const log = [
      line,
      "Nov 20 10:11:13 web-2 sshd[5]: Server listening on 0.0.0.0 port 22.",
      "Nov 20 10:11:15 web-1 last message repeated 2 times",
    ];
    const found = await events(log.join("\n"));
    expect(found.map((event) => event.occurredAt)).toEqual([
      "2026-11-20T10:11:12.000Z",
      "2026-11-20T10:11:15.000Z",
      "2026-11-20T10:11:15.000Z",
    ]);
    expect(new Set(found.map((event) => event.id)).size).toBe(3);
    expect(await read("Nov 20 10:11:15 web-1 last message repeated 2 times")).toEqual([{ skipped: "other", line: 1 }]);
  });

  it("are skipped as one line when the message is no event, and refused beyond belief", async () => {
    expect(await read("Nov 20 10:11:12 web-1 sshd[7]: message repeated 3 times: [ Server listening]")).toHaveLength(1);
    const items = await read(`Nov 20 10:11:12 web-1 sshd[77]: message repeated 999999999 times: [ ${failed}]`);
    expect(items).toMatchObject([{ fault: { code: "too_many_repeats", line: 1 } }]);
  });
});

describe("the forms of a system log", () => {
  const forms: [name: string, text: string, at: string][] = [
    ["auth.log", line, "2026-11-20T10:11:12.000Z"],
    ["a day of one digit", line.replace("Nov 20", "Nov  2"), "2026-11-02T10:11:12.000Z"],
    ["a day of one digit and one space", line.replace("Nov 20", "Nov 2"), "2026-11-02T10:11:12.000Z"],
    ["with a year", line.replace("Nov 20", "Nov 20 2024"), "2024-11-20T10:11:12.000Z"],
    ["with a priority", `<38>${line}`, "2026-11-20T10:11:12.000Z"],
    ["RFC 3339", `2026-11-20T11:11:12.345678+01:00 web-1 sshd[77]: ${failed}`, "2026-11-20T10:11:12.345Z"],
    ["RFC 3339 in UTC", `2026-11-20T10:11:12Z web-1 sshd[77]: ${failed}`, "2026-11-20T10:11:12.000Z"],
    ["journalctl -o short-iso", `2026-11-20T11:11:12+0100 web-1 sshd[77]: ${failed}`, "2026-11-20T10:11:12.000Z"],
    ["journalctl -o short-unix", `1795169472.345678 web-1 sshd[77]: ${failed}`, "2026-11-20T10:11:12.345Z"],
    [
      "RFC 5424",
      `<38>1 2026-11-20T10:11:12.345Z web-1 sshd 77 - [meta a="]" b="x"] ${failed}`,
      "2026-11-20T10:11:12.345Z",
    ],
    [
      "RFC 5424 without data",
      `<38>1 2026-11-20T10:11:12Z web-1 sshd 77 - - \uFEFF${failed}`,
      "2026-11-20T10:11:12.000Z",
    ],
    [
      "journalctl -o json",
      JSON.stringify({
        __REALTIME_TIMESTAMP: "1795169472345678",
        _HOSTNAME: "web-1",
        SYSLOG_IDENTIFIER: "sshd",
        _PID: "77",
        MESSAGE: failed,
      }),
      "2026-11-20T10:11:12.345Z",
    ],
    [
      "journalctl -o json with bytes",
      JSON.stringify({
        __REALTIME_TIMESTAMP: "1795169472345678",
        _HOSTNAME: "web-1",
        SYSLOG_IDENTIFIER: "sshd",
        _PID: "77",
        MESSAGE: [...Buffer.from(failed)],
      }),
      "2026-11-20T10:11:12.345Z",
    ],
  ];

  it.each(forms)("%s is understood", async (_, text, at) => {
    expect(await only(`${text}\r\n`)).toMatchObject({
      occurredAt: at,
      origin: { ip: "203.0.113.9" },
      details: { host: "web-1", pid: 77 },
      targets: [{ id: "web-1" }],
    });
  });

  it("may be mixed in one file; marks of the journal and empty lines are none of its events", async () => {
    const items = await read(
      ["-- Logs begin at Fri 2026-11-20 --", "", ...forms.map(([, text]) => text), "   "].join("\n"),
    );
    expect(importedEvents(items)).toHaveLength(forms.length);
    expect(items).toHaveLength(forms.length + 1);
  });

  it("without a host have no server as target", async () => {
    const event = await only(`Nov 20 10:11:12 sshd[77]: ${failed}`);
    expect(event.targets).toEqual([]);
    expect(event.details).toMatchObject({ pid: 77 });
  });

  it("that name no zone are in the given one", async () => {
    expect((await only(line, { timezone: "Europe/Berlin" })).occurredAt).toBe("2026-11-20T09:11:12.000Z");
    expect(
      (await only(`2026-11-20 10:11:12 web-1 sshd[77]: ${failed}`, { timezone: "Europe/Berlin" })).occurredAt,
    ).toBe("2026-11-20T09:11:12.000Z");
  });

  it("tell of lines they do not understand, by number", async () => {
    const items = await read(["hello", "Nov 31 10:11:12 web-1 sshd[7]: x", "{oops", '{"a":1}', line].join("\n"));
    expect(items.map((item) => ("fault" in item ? [item.fault.line, item.fault.code] : "event"))).toEqual([
      [1, "not_syslog"],
      [2, "invalid_time"],
      [3, "invalid_json"],
      [4, "not_journal"],
      "event",
    ]);
  });

  it("say which year was assumed when none was given", async () => {
    const reader = sshd.open({ timezone: "UTC", now: 0 });
    for await (const _ of reader.read(textSource(line, { modifiedAt: Date.UTC(2027, 0, 3) })));
    expect(reader.remarks?.()).toEqual([expect.stringContaining("2026")]);
  });
});

describe("the ids of a log's events", () => {
  const log = [line, line, line.replace("77", "78"), line.replace(":12 ", ":13 ")].join("\n");
  const ids = async (logs: string[], series?: string) => {
    const sources = logs.map((text, place) =>
      textSource(text, { name: `auth.log.${logs.length - place}`, series: series ?? `file ${place}` }),
    );
    return importedEvents(await importItems(sshd, sources, { year: 2026 })).map((event) => event.id);
  };

  it("tell two identical lines of one second apart, and are the same at every reading", async () => {
    const first = await ids([log]);
    expect(new Set(first).size).toBe(4);
    expect(await ids([log.replaceAll("\n", "\r\n")])).toEqual(first);
  });

  it("do not depend on how the log is cut into files, even inside one second", async () => {
    const lines = Array.from({ length: 40 }, (_, number) => line.replace(":12 ", `:${10 + Math.floor(number / 10)} `));
    const whole = await ids([lines.join("\n")]);
    expect(new Set(whole).size).toBe(40);
    const parts = (cut: number) => [lines.slice(0, cut).join("\n"), lines.slice(cut).join("\n")];
    for (const cut of [10, 13, 20, 39]) expect(await ids(parts(cut))).toEqual(whole);
    for (const cut of [1, 5, 13]) expect(await ids(parts(cut), "auth.log")).toEqual(whole);
  });

  it("are those of the first copy when a file is there twice", async () => {
    expect(new Set(await ids([log, log])).size).toBe(4);
    const second = [line, line, line].join("\n");
    expect(new Set(await ids([second, second])).size).toBe(3);
  });

  it("follow the journal's cursor where there is one", async () => {
    const entry = (cursor: string) =>
      JSON.stringify({
        __CURSOR: cursor,
        __REALTIME_TIMESTAMP: "1795169472345678",
        _HOSTNAME: "h",
        SYSLOG_IDENTIFIER: "sshd",
        MESSAGE: failed,
      });
    const first = await ids([[entry("a"), entry("b")].join("\n")]);
    expect(new Set(first).size).toBe(2);
    expect(await ids([entry("b")])).toEqual([first[1]]);
  });
});
