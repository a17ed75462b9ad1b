import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTransport } from "nodemailer";
import { type BenchServer, type Figure, percentile, round, startServer } from "./harness.ts";

/** As a transport has them unless it is set otherwise, and nodemailer's pool too. */
const CONNECTIONS = 5;
const SENDERS = 32;
/** What a mail server that looks into a mail takes for its answer. */
const REAL_MS = 20;

/** Mails by a template through Daybook, from the POST to the mail server, against bare nodemailer with as many connections to the same server. */
export async function benchMail(count: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const delayMs of [REAL_MS, 0]) {
    const sink = await startSink(delayMs);
    const server = await startServer({
      env: {
        DAYBOOK_SMTP_URL: `smtp://127.0.0.1:${sink.port}?security=none&connections=${CONNECTIONS}`,
        DAYBOOK_MAIL_FROM: "panel@acme.example",
      },
    });
    figures.push(...(await compare(server, sink.port, delayMs, count)));
    if (delayMs === 0) figures.push(await latency(server, 300), await rendering(server, 300));
    await server.stop();
    sink.child.kill();
  }
  return figures;
}

async function compare(server: BenchServer, port: number, delayMs: number, count: number): Promise<Figure[]> {
  const said = await drawn(server);
  await sendAll(server, 200);
  const bare = await bareRate(port, said, count);
  const ours = await sendAll(server, count);
  const share = ours / bare;
  const to = delayMs === 0 ? "a mail server that answers at once" : `a mail server that takes ${delayMs} ms`;
  const rate: Figure = {
    what: `mails by template, ${count.toLocaleString("en")} over HTTP to ${to}, ${CONNECTIONS} connections, recorded and told`,
    measured: `${Math.round(ours)}/s`,
  };
  const ofBare: Figure = {
    what: `… as a share of bare nodemailer (${Math.round(bare)}/s, no HTTP, template, record or events)`,
    measured: `${round(share, 2)}`,
  };
  // What a server allows that takes its time is bounded by it, and a server that does nothing shows what Daybook itself can do.
  return delayMs === 0
    ? [{ ...rate, wanted: "200/s", met: ours >= 200 }, ofBare]
    : [rate, { ...ofBare, wanted: "0.8", met: share >= 0.8 }];
}

interface Said {
  subject: string;
  html: string;
  text: string;
}

/** Mails a second of nodemailer's own pool. */
async function bareRate(port: number, said: Said, count: number): Promise<number> {
  const transport = createTransport({
    ...{ host: "127.0.0.1", port, ignoreTLS: true, pool: true },
    ...{ maxConnections: CONNECTIONS, maxMessages: 500 },
  });
  const send = (n: number) =>
    transport.sendMail({ from: "panel@acme.example", to: `user${n}@customer.example`, ...said });
  await inParallel(100, send);
  const started = performance.now();
  await inParallel(count, send);
  const rate = count / ((performance.now() - started) / 1_000);
  transport.close();
  return rate;
}

/** Mails a second from the first POST until the last is sent and its events are in the log. */
async function sendAll(server: BenchServer, count: number): Promise<number> {
  const started = performance.now();
  await inParallel(count, (n) => post(server, n));
  const accepted = performance.now() - started;
  await until(server, "select count(*) as left from mail_message where status = 0");
  const sent = performance.now() - started;
  await until(server, "select count(*) as left from mail_happening where not told");
  const told = performance.now() - started;
  const second = (ms: number) => `${round(ms / 1_000, 2)} s`;
  console.log(
    `         ${count} mails accepted after ${second(accepted)}, sent after ${second(sent)}, told after ${second(told)}`,
  );
  const { rows } = await server.db.query<{ bad: number }>("select count(*) as bad from mail_message where status <> 1");
  if (Number(rows[0]?.bad) > 0) throw new Error(`${rows[0]?.bad} mails were not sent`);
  return count / (told / 1_000);
}

/** From the queue to the wire when little is to be done. */
async function latency(server: BenchServer, count: number): Promise<Figure> {
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    ids.push(await post(server, n));
    await new Promise((next) => setTimeout(next, 50));
  }
  await until(server, "select count(*) as left from mail_message where status = 0");
  const { rows } = await server.db.query<{ ms: number }>(
    `select (extract(epoch from a.wire_at - m.queued_at) * 1000)::float8 as ms from mail_message m
       join mail_attempt a on a.workspace_id = m.workspace_id and a.message_id = m.id where m.id = any($1::uuid[])`,
    [ids],
  );
  const times = rows.map((row) => row.ms);
  const p50 = percentile(times, 0.5);
  return {
    what: "queue to wire at 20 mails/s, p50 / p99",
    measured: `${round(p50)} / ${round(percentile(times, 0.99))} ms`,
    wanted: "50 ms",
    met: p50 < 50,
  };
}

async function rendering(server: BenchServer, count: number): Promise<Figure> {
  const times: number[] = [];
  for (let n = 0; n < count; n++) times.push((await drawn(server)).ms);
  const p50 = percentile(times.slice(20), 0.5);
  return { what: "rendering a shipped template, p50", measured: `${round(p50, 2)} ms`, wanted: "2 ms", met: p50 < 2 };
}

const template = "server-created";
const data = (n: number) => ({
  user: { name: `User ${n}` },
  server: { name: `mc-${n}`, ip: "198.51.100.17", plan: "Cloud server M", location: "Falkenstein", os: "Debian 13" },
  serverUrl: `https://panel.acme.example/servers/mc-${n}`,
});

async function drawn(server: BenchServer): Promise<Said & { ms: number }> {
  const { subject, html, text, ms } = await call<Said & { ms: number }>(
    server,
    `/mail/templates/${template}/previews`,
    {
      data: data(1),
    },
  );
  return { subject, html, text, ms };
}

async function post(server: BenchServer, n: number): Promise<string> {
  const order = {
    template,
    data: data(n),
    to: `user${n}@customer.example`,
    targets: [{ type: "server", id: `mc-${n % 500}` }],
  };
  return (await call<{ id: string }>(server, "/mail/messages", order)).id;
}

async function call<T>(server: BenchServer, path: string, body: object): Promise<T> {
  const response = await fetch(`${server.base}${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${server.key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

async function inParallel(count: number, work: (n: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: SENDERS }, async () => {
      while (next < count) await work(next++);
    }),
  );
}

async function until(server: BenchServer, none: string): Promise<void> {
  for (;;) {
    const { rows } = await server.db.query<{ left: number }>(none);
    if (Number(rows[0]?.left) === 0) return;
    await new Promise((next) => setTimeout(next, 20));
  }
}

async function startSink(delayMs: number): Promise<{ port: number; child: ChildProcess }> {
  const path = fileURLToPath(new URL("mail-sink.ts", import.meta.url));
  const child = spawn(process.execPath, [path, `${delayMs}`], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return { port: Number(line.toString()), child };
}
