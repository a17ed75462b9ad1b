import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launcher, runDaybook, type TestDatabase, testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let database: TestDatabase;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  database = await testDatabase();
  folder = mkdtempSync(join(tmpdir(), "daybook-import-command-"));
  env = { DATABASE_URL: database.url, DAYBOOK_DATA: join(folder, "data") };
});

afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

const run = (args: string[], input?: string) =>
  runDaybook(["import", ...args], { env, cwd: folder, ...(input === undefined ? {} : { input }) });
const attempt = (number: number) =>
  `Nov 20 10:${String(Math.floor(number / 60) % 60).padStart(2, "0")}:${String(number % 60).padStart(2, "0")} web-1 sshd[${number}]: Failed password for root from 203.0.113.9 port 4242 ssh2`;
const pids = async () =>
  (
    await database.ownerDb.query<{ pid: number }>(
      "select (details::json->>'pid')::int as pid from event where action = 'auth.login' order by 1",
    )
  ).rows.map((row) => row.pid);

describe("daybook import", () => {
  it("prints one JSON document, keeps bad lines in a file here, and adds nothing the second time", async () => {
    const log = join(folder, "auth.log");
    writeFileSync(log, `${attempt(1)}\nbad line\nNov 20 10:17:01 web-1 CRON[1]: x\n${attempt(2)}\n`);
    const first = await run(["sshd", log, "--year", "2025", "--json"]);
    expect(first.code).toBe(0);
    expect(JSON.parse(first.out)).toEqual({
      read: 4,
      accepted: 2,
      duplicates: 0,
      rejected: 1,
      skipped: 1,
      rejectFile: "auth.log.rejected.ndjson",
    });
    const kept = join(folder, "auth.log.rejected.ndjson");
    expect(JSON.parse(readFileSync(kept, "utf8"))).toMatchObject({
      file: log,
      line: 2,
      code: "not_syslog",
      text: "bad line",
    });
    expect(statSync(kept).mode & 0o777).toBe(0o600);
    const again = await run(["sshd", log, "--year", "2025", "--json", "--reject", "elsewhere.ndjson"]);
    expect(JSON.parse(again.out)).toMatchObject({ accepted: 0, duplicates: 2, rejectFile: "elsewhere.ndjson" });
    expect(existsSync(join(folder, "elsewhere.ndjson"))).toBe(true);
  });

  it("reads standard input, and tells people what it found", async () => {
    const { code, out } = await run(
      ["jsonl", "-"],
      '{"action":"server.created","occurredAt":"2026-01-02T03:04:05Z"}\n{"action":"oops"}\n',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^read +2$/m);
    expect(out).toMatch(/^accepted +1$/m);
    expect(out).toMatch(/^rejected +1$/m);
    expect(out).toContain("2026-01-02 03:04:05 UTC");
    expect(out).toMatch(/-:2: \/action must be/);
    expect(out).toContain("jsonl.rejected.ndjson");
  });

  it("puts events into the workspace that is named", async () => {
    await database.ownerDb.query(
      "with made as (insert into workspace (slug, name) values ('other', 'Other') returning id) insert into log_head (workspace_id) select id from made",
    );
    await run(
      ["jsonl", "-", "--workspace", "other"],
      '{"action":"server.created","occurredAt":"2026-01-02T03:04:05Z"}\n',
    );
    const { rows } = await database.ownerDb.query(
      "select slug from event join workspace on workspace.id = workspace_id where slug = 'other' and category <> 'cli'",
    );
    expect(rows).toHaveLength(1);
  });

  it.each([
    [["nonsense", "x.log"], 2, /Allowed choices/],
    [["sshd"], 2, /missing required argument/],
    [["sshd", "x.log", "--year", "26"], 2, /not a year/],
    [["sshd", "x.log", "--timezone", "Mars"], 2, /not a time zone/],
    [["sshd", "x.log", "--mapping", "m.json"], 1, /no mapping file/],
    [["sshd", "missing.log"], 1, /no file or folder missing\.log/],
    [["jsonl", "-", "--workspace", "nobody"], 1, /workspace/],
  ])("%j ends with %i and says why", async (args, code, message) => {
    const finished = await run(args as string[], "");
    expect(finished.code).toBe(code);
    expect(finished.err).toMatch(message as RegExp);
  });

  it("that is killed halfway has lost nothing it took, and the next run makes it complete", async () => {
    await database.ownerDb.query("truncate event");
    const total = 20_000;
    const log = join(folder, "long.log");
    writeFileSync(log, Array.from({ length: total }, (_, number) => attempt(number)).join("\n"));
    const child = spawn(process.execPath, [launcher, "import", "sshd", log, "--year", "2025"], {
      env: { ...process.env, DAYBOOK_CONFIG: "", ...env },
      stdio: "ignore",
    });
    const ended = once(child, "close");
    let seen = 0;
    while (seen < 3_000) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      const { rows } = await database.ownerDb.query<{ n: number }>("select count(*) as n from event");
      seen = rows[0]?.n ?? 0;
    }
    child.kill("SIGKILL");
    await ended;
    const before = await pids();
    expect(before.length).toBeGreaterThanOrEqual(seen);
    expect(before.length).toBeLessThan(total);
    const { out } = await run(["sshd", log, "--year", "2025", "--json"]);
    expect(JSON.parse(out)).toMatchObject({ read: total, duplicates: before.length, accepted: total - before.length });
    expect(await pids()).toEqual(Array.from({ length: total }, (_, number) => number));
  }, 120_000);
});
