import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientRequest, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type RunningDaybook, runDaybook, startDaybook } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const CLIENTS = 200;
const BODY_BYTES = 50 * 1024 * 1024;
const MEMORY_MB_MAX = 400;
/** How long the clients go on; each sends a piece every PIECE_MS, so that none comes to its end. */
const SECONDS = 20;
const PIECE_MS = 200;

let data: string;
let env: Record<string, string>;
let key: string;
let server: RunningDaybook;

beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), "daybook-slow-"));
  chmodSync(data, 0o755);
  env = { DAYBOOK_DATA: data, DAYBOOK_REQUESTS_PER_MINUTE: "0" };
  server = await startDaybook({ env });
  const made = await runDaybook(["keys", "create", "--name", "slow", "--scope", "events:write", "--json"], { env });
  key = (JSON.parse(made.out) as { key: string }).key;
}, 60_000);

afterAll(async () => {
  await server.stop();
  rmSync(data, { recursive: true, force: true });
});

function memoryMb(): number {
  const status = readFileSync(`/proc/${server.child.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

const line = `${JSON.stringify({ action: "server.created", actor: { type: "system" }, details: { text: "x".repeat(2_000) } })}\n`;

/** Half of them stream lines, half send one JSON array that never comes to its end; every piece ends inside a line. */
function slowClient(number: number): { sending: ClientRequest; piece: () => void } {
  const stream = number % 2 === 0;
  const sending = request(`${server.address}/api/v1/events`, {
    method: "POST",
    agent: false,
    headers: {
      authorization: `Bearer ${key}`,
      "content-type": stream ? "application/x-ndjson" : "application/json",
      ...(stream ? { "content-length": BODY_BYTES } : { "transfer-encoding": "chunked" }),
    },
  });
  sending.on("error", () => {});
  sending.on("response", (response) => response.resume());
  let first = true;
  const piece = (): void => {
    if (sending.destroyed || sending.writableNeedDrain) return;
    sending.write(
      stream
        ? line.repeat(8) + line.slice(0, 700)
        : `${first ? "[" : ","}${line.repeat(16).trimEnd().replaceAll("\n", ",")}`,
    );
    if (stream) sending.write(line.slice(700));
    first = false;
  };
  return { sending, piece };
}

async function post(): Promise<number> {
  const response = await fetch(`${server.address}/api/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ action: "server.deleted", actor: { type: "system" } }),
  });
  await response.text();
  return response.status;
}

test("200 slow clients that post 50 MB each leave the server small, and others are still answered", async () => {
  const clients = Array.from({ length: CLIENTS }, (_, number) => slowClient(number));
  let most = 0;
  const statuses: number[] = [];
  for (let turn = 0; turn < (SECONDS * 1000) / PIECE_MS; turn++) {
    for (const client of clients) client.piece();
    if (turn % 10 === 5) statuses.push(await post());
    most = Math.max(most, memoryMb());
    await new Promise((next) => setTimeout(next, PIECE_MS));
  }
  for (const client of clients) client.sending.destroy();
  expect(most).toBeLessThan(MEMORY_MB_MAX);
  expect(statuses).toEqual(statuses.map(() => 201));
  console.info(`most memory: ${Math.round(most)} MB; answers: ${statuses.join(" ")}`);
}, 120_000);
