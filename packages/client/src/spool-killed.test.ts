import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RemoteServer, remoteServer, temporaryDirectory } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let server: RemoteServer;
let directory: string;

beforeAll(async () => {
  server = await remoteServer(["events:write", "events:read"]);
  directory = temporaryDirectory("daybook spool");
  const program = `
    import { Daybook } from ${JSON.stringify(join(import.meta.dirname, "index.ts"))};
    import { FileSpool } from ${JSON.stringify(join(import.meta.dirname, "file-spool.ts"))};
    const [url, key, first, last] = process.argv.slice(2);
    const daybook = new Daybook({ url, key, events: { spool: new FileSpool("spool") } });
    for (let n = Number(first); n < Number(last); n++) {
      daybook.events.record({ action: "demo.kill", details: { n } });
      if (n % 20 === 0) await new Promise((next) => setTimeout(next, 20));
    }
    await daybook.events.flush();
    console.log("flushed");
    setInterval(() => {}, 1000);`;
  writeFileSync(join(directory, "program.ts"), program);
});
afterAll(() => server?.close());

function run(first: number, last: number): ChildProcessWithoutNullStreams {
  const args = ["program.ts", server.line.address, server.key.key, String(first), String(last)];
  return spawn(process.execPath, args, { cwd: directory });
}

async function kill(child: ChildProcessWithoutNullStreams): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "close");
}

async function stored(): Promise<number[]> {
  const { rows } = await server.database.ownerDb.query<{ n: number }>(
    "select (details::jsonb->>'n')::int as n from event where action = 'demo.kill' order by n",
  );
  return rows.map(({ n }) => n);
}

test("what was flushed without Daybook is stored once by the next process, though each one is killed", async () => {
  server.line.cut();
  for (const first of [0, 300]) {
    const child = run(first, first + 300);
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    expect(said.toString()).toBe("flushed\n");
    await kill(child);
  }
  expect(await stored()).toEqual([]);
  expect(readdirSync(join(directory, "spool")).length).toBeGreaterThan(0);
  server.line.mend();
  // Killed in the middle of sending what the others left; some of it is sent twice.
  const hasty = run(600, 900);
  await expect.poll(async () => (await stored()).length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(0);
  await kill(hasty);
  const last = run(900, 1_200);
  await once(last.stdout, "data");
  const wanted = [...Array(600).keys(), ...Array.from({ length: 300 }, (_, n) => 900 + n)];
  await expect
    .poll(async () => (await stored()).filter((n) => n < 600 || n >= 900), { timeout: 10_000 })
    .toEqual(wanted);
  await expect.poll(() => readdirSync(join(directory, "spool")), { timeout: 10_000 }).toEqual([]);
  await kill(last);
});
