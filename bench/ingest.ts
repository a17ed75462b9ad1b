import { once } from "node:events";
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { eventColumns } from "@daybook/server/record/event-row.ts";
import { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { benchEvents } from "./bench-events.ts";
import { type BenchServer, type Figure, round } from "./harness.ts";

/** Rows that the yardstick writes in one transaction: as many as the server's own groups. */
const YARDSTICK_ROWS = 2_000;

/**
 * Durable ingest over HTTP as NDJSON against raw COPY of the very same rows into the same indexed table.
 *  1. Write the events to a file; post it; time until the answer.
 *  2. Copy the rows out of the table, empty it, copy them in again in transactions of YARDSTICK_ROWS; time that.
 */
export async function benchIngest(server: BenchServer, events: number): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), "daybook-bench-rows-"));
  const lines = join(folder, "events.ndjson");
  const rows = join(folder, "rows.tsv");
  try {
    await writeEvents(lines, events);
    const ours = await postFile(server, lines, events);
    await copyOut(server, rows);
    const raw = await copyIn(server, rows);
    const share = round(ours / raw, 2);
    return [
      {
        what: "durable ingest over HTTP, NDJSON",
        measured: `${Math.round(ours)} events/s`,
        wanted: "12,000 events/s",
        met: ours >= 12_000,
      },
      {
        what: "… as a share of raw COPY of the same rows into the same indexed table",
        measured: `${share} (raw: ${Math.round(raw)} rows/s)`,
        wanted: "0.6",
        met: share >= 0.6,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export async function writeEvents(path: string, count: number, days = 20, seed = 7): Promise<void> {
  const endMs = Date.now() - 60_000;
  const file = createWriteStream(path);
  let chunk = "";
  for (const event of benchEvents(count, { startMs: endMs - days * 86_400_000, endMs, seed })) {
    chunk += `${JSON.stringify(event)}\n`;
    if (chunk.length < 1_000_000) continue;
    if (!file.write(chunk)) await once(file, "drain");
    chunk = "";
  }
  file.end(chunk);
  await once(file, "finish");
}

/** Posts a file of events; events a second until the answer that says they are on disk. */
export async function postFile(server: BenchServer, path: string, expected: number): Promise<number> {
  const started = performance.now();
  const sending = request(`${server.base}/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/x-ndjson" },
  });
  const answered = once(sending, "response");
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), sending);
  const [response] = (await answered) as [NodeJS.ReadableStream];
  let body = "";
  for await (const part of response) body += part;
  const seconds = (performance.now() - started) / 1000;
  const { accepted } = JSON.parse(body) as { accepted: number };
  if (accepted !== expected) throw new Error(`${accepted} of ${expected} events were accepted: ${body.slice(0, 500)}`);
  return expected / seconds;
}

async function copyOut(server: BenchServer, path: string): Promise<void> {
  const client = await server.ownerDb.connect();
  const columns = eventColumns.join(", ");
  await pipeline(
    client.query(copyTo(`copy (select ${columns} from event order by seq) to stdout`)),
    createWriteStream(path),
  );
  client.release();
}

async function copyIn(server: BenchServer, path: string): Promise<number> {
  const client = await server.ownerDb.connect();
  await client.query("truncate event");
  await client.query("checkpoint");
  const batches = await batchesOf(path);
  const file = await open(path);
  const started = performance.now();
  for (const { start, end } of batches.offsets) {
    const stream = client.query(copyFrom(`copy event (${eventColumns.join(", ")}) from stdin`));
    const done = once(stream, "finish");
    const { buffer } = await file.read(Buffer.allocUnsafe(end - start), 0, end - start, start);
    stream.end(buffer);
    await done;
  }
  const seconds = (performance.now() - started) / 1000;
  await file.close();
  await client.query("truncate event");
  client.release();
  return batches.rows / seconds;
}

async function batchesOf(path: string): Promise<{ offsets: { start: number; end: number }[]; rows: number }> {
  const offsets: { start: number; end: number }[] = [];
  let rows = 0;
  let position = 0;
  let start = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) {
      if (++rows % YARDSTICK_ROWS !== 0) continue;
      offsets.push({ start, end: position + at + 1 });
      start = position + at + 1;
    }
    position += chunk.length;
  }
  if (start < position) offsets.push({ start, end: statSync(path).size });
  return { offsets, rows };
}
