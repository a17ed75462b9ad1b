import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "@daybook/contract";
import { type Finished, launcher, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { EventRow } from "../record/event-row.ts";

let server: TestApp;
let rows: EventRow[];

beforeAll(async () => {
  server = await testApp();
  rows = fc.sample(eventRows, { numRuns: 200, seed: 3 });
  await append(rows);
});

afterAll(() => server.close());

const append = (more: EventRow[]): Promise<void> =>
  appendRows(server.database.db, server.database.ownerDb, server.workspaceId, more);

const env = (): Record<string, string> => ({
  DATABASE_URL: server.database.url,
  DAYBOOK_DATA: server.deps.config.data,
});
const daybook = (...args: string[]): Promise<Finished> => runDaybook(args, { env: env() });

test("search gives the list as one document, or as lines for people", async () => {
  const found = await daybook("search", "action:auth.login -kind:user", "--limit", "7", "--json");
  expect(found).toMatchObject({ code: 0, err: "" });
  const { items, total, nextCursor } = JSON.parse(found.out);
  const wanted = rows
    .filter((row) => row.action === "auth.login" && row.kind !== 1)
    .sort((left, right) => right.occurredAtMs - left.occurredAtMs || right.seq - left.seq);
  expect(items.map((event: Event) => event.seq)).toEqual(wanted.slice(0, 7).map((row) => row.seq));
  expect(total).toEqual({ value: wanted.length, relation: "eq" });
  expect(nextCursor).toEqual(expect.any(String));

  const lines = (await daybook("search", "action:auth.login", "-kind:user", "--limit", "7")).out.trimEnd().split("\n");
  expect(lines).toHaveLength(8);
  expect(lines[0]).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}(ok|failure|denied) .* auth\.login /);
  expect(lines[7]).toBe(`7 of ${wanted.length} events; --limit shows more.`);
});

test("a range narrows it, and all that match are read however many pages that takes", async () => {
  const { items } = JSON.parse(
    (
      await daybook(
        "search",
        "--from",
        "2026-11-18",
        "--to",
        "2026-11-18",
        "--limit",
        "9999",
        "--order",
        "asc",
        "--json",
      )
    ).out,
  );
  const wanted = rows.filter((row) => new Date(row.occurredAtMs).toISOString().startsWith("2026-11-18"));
  expect(items).toHaveLength(wanted.length);
  expect(JSON.parse((await daybook("search", "-category:cli", "--since", "1m", "--json")).out).items).toEqual([]);
});

test("what is typed wrongly is said, with exit code 2", async () => {
  expect(await daybook("search", "acter:dana")).toMatchObject({
    code: 2,
    err: expect.stringContaining("Did you mean 'actor'?"),
  });
  expect(await daybook("search", "--sinec", "7d")).toMatchObject({ code: 2, err: expect.stringContaining("--sinec") });
  expect(await daybook("search", "--since", "week")).toMatchObject({ code: 2 });
  expect(await daybook("count", "--by", "colour")).toMatchObject({
    code: 2,
    err: expect.stringContaining("cannot be counted by"),
  });
  expect(await daybook("export", "--format", "xml")).toMatchObject({ code: 2 });
});

test("count is exact, also by a field", async () => {
  expect(JSON.parse((await daybook("count", "-category:cli", "--json")).out)).toEqual({ count: 200 });
  const { count, by } = JSON.parse((await daybook("count", "kind:user", "--by", "ip", "--json")).out);
  const wanted = rows.filter((row) => row.kind === 1);
  expect(count).toBe(wanted.length);
  const byIp: Record<string, number> = {};
  for (const { ip } of wanted) if (ip !== null) byIp[ip] = (byIp[ip] ?? 0) + 1;
  expect(by).toEqual(byIp);
  const people = (await daybook("count", "-category:cli", "--by", "action")).out.trimEnd().split("\n");
  expect(people.at(-1)).toBe("200 events");
  expect(people).toHaveLength(5);
});

test("export writes a file or standard output, and is recorded with the user's name", async () => {
  const file = join(server.deps.config.data, "out.ndjson");
  const written = await daybook("export", "kind:user", "--output", file);
  const wanted = rows.filter((row) => row.kind === 1).length;
  expect(written).toMatchObject({ code: 0, out: "", err: `${wanted} events exported to ${file}\n` });
  expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(wanted);
  const csv = await daybook("export", "kind:user", "--format", "csv");
  expect(csv.out.split("\r\n")[0]).toContain("seq,occurredAt,id");
  const { items } = JSON.parse(
    (await daybook("search", "action:log.exported,log.export.finished", "--order", "asc", "--json")).out,
  );
  expect(items.map((event: Event) => [event.action, event.origin.auth])).toEqual([
    ["log.exported", "cli"],
    ["log.export.finished", "cli"],
    ["log.exported", "cli"],
    ["log.export.finished", "cli"],
  ]);
});

test("tail prints the last events and then new ones, until it is interrupted", async () => {
  const child = spawn(process.execPath, [launcher, "tail", "-action:log.*", "--limit", "2", "--json"], {
    env: { ...process.env, ...env() },
  });
  const seen: Event[] = [];
  let text = "";
  const enough = (count: number): Promise<void> =>
    new Promise((resolve) => {
      const look = (chunk = ""): void => {
        text += chunk;
        const lines = text.split("\n");
        text = lines.pop() ?? "";
        seen.push(...lines.map((line) => JSON.parse(line) as Event));
        if (seen.length >= count) resolve();
      };
      child.stdout.removeAllListeners("data");
      child.stdout.on("data", (chunk: Buffer) => look(chunk.toString()));
      look();
    });
  await enough(2);
  const more = fc.sample(eventRows, { numRuns: 3, seed: 99 });
  await append(more);
  await enough(5);
  expect(seen.slice(2).map((event) => event.id)).toEqual(more.map((row) => row.id));
  child.kill("SIGINT");
  expect((await once(child, "exit"))[0]).toBe(0);
});
