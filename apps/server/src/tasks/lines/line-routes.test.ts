import { redacted, type StoredLines, type TaskLines, taskLimits } from "@daybook/contract";
import { apiKey, sampleTask, signedInClient, type TestApp, type TestKey, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LineWriter } from "./line-writer.ts";

let server: TestApp;
let key: TestKey;

beforeAll(async () => {
  server = await testApp();
  key = await apiKey(server.deps);
});
afterAll(() => server.close());

async function post(taskId: string, payload: object) {
  const url = `/api/v1/tasks/${taskId}/lines`;
  const answer = await server.app.inject({ method: "POST", url, headers: key.headers, payload });
  return { status: answer.statusCode, body: answer.json() as StoredLines & { code?: string } };
}

async function read(taskId: string, query = ""): Promise<TaskLines> {
  const url = `/api/v1/tasks/${taskId}/lines${query}`;
  const answer = await server.app.inject({ method: "GET", url, headers: key.headers });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json();
}

const texts = ({ items }: TaskLines): string[] => items.map(({ text }) => text);
const numbered = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ text: `line ${first + index}` }));

async function rowsOf(taskId: string): Promise<number> {
  const { rows } = await server.deps.db.query<{ count: number }>("select count(*) from task_lines where task_id = $1", [
    taskId,
  ]);
  return rows[0]?.count ?? 0;
}

test("one line, many, and a text of several lines are numbered from 0", async () => {
  const { id } = await sampleTask(server.deps);
  expect(await post(id, { text: "one" })).toEqual({
    status: 201,
    body: { stored: 1, duplicates: 0, next: 1, total: 1 },
  });
  await post(id, [{ text: "two\nthree\n" }, { stream: "err", text: "four", at: "2026-11-20T10:00:00.000Z" }]);
  const lines = await read(id);
  expect(lines.total).toBe(4);
  expect(lines.items.map(({ n, stream, attempt, text }) => [n, stream, attempt, text])).toEqual([
    [0, "out", 1, "one"],
    [1, "out", 1, "two"],
    [2, "out", 1, "three"],
    [3, "err", 1, "four"],
  ]);
  expect(lines.items[3]?.at).toBe("2026-11-20T10:00:00.000Z");
  const { rows } = await server.deps.db.query("select line_count, last_line from task where id = $1", [id]);
  expect(rows).toEqual([{ line_count: 4, last_line: "four" }]);
});

describe("with a place", () => {
  test("a batch that is sent twice is stored once, and one that overlaps adds the rest", async () => {
    const { id } = await sampleTask(server.deps);
    const first = { from: 0, lines: numbered(0, 3) };
    expect((await post(id, first)).body).toMatchObject({ stored: 3, duplicates: 0, next: 3 });
    expect((await post(id, first)).body).toMatchObject({ stored: 0, duplicates: 3, next: 3 });
    expect((await post(id, { from: 2, lines: numbered(2, 3) })).body).toMatchObject({
      stored: 2,
      duplicates: 1,
      next: 5,
    });
    expect(texts(await read(id))).toEqual(["line 0", "line 1", "line 2", "line 3", "line 4"]);
  });

  test("a gap is refused, and the answer says what to send", async () => {
    const { id } = await sampleTask(server.deps);
    await post(id, { from: 0, lines: numbered(0, 2) });
    const refused = await post(id, { from: 5, lines: numbered(5, 1) });
    expect(refused).toMatchObject({ status: 409, body: { code: "lines_out_of_order", next: 2 } });
  });

  test("other lines at a place that is taken are refused rather than dropped", async () => {
    const { id } = await sampleTask(server.deps);
    await post(id, { from: 0, lines: numbered(0, 2) });
    const refused = await post(id, { from: 1, lines: [{ text: "something else" }] });
    expect(refused).toMatchObject({ status: 409, body: { code: "lines_out_of_order", next: 2 } });
  });

  test("the next attempt is counted from 0 again, and its lines stand behind those of the first", async () => {
    const { id } = await sampleTask(server.deps);
    await post(id, { from: 0, lines: numbered(0, 2) });
    await server.deps.db.query("update task set attempt = 2 where id = $1", [id]);
    expect((await post(id, { from: 0, lines: numbered(0, 1) })).body).toEqual({
      ...{ stored: 1, duplicates: 0, next: 1, total: 3 },
    });
    expect((await post(id, { from: 0, lines: numbered(0, 1) })).body).toMatchObject({ stored: 0, duplicates: 1 });
    expect((await read(id)).items.map(({ n, attempt }) => [n, attempt])).toEqual([
      [0, 1],
      [1, 1],
      [2, 2],
    ]);
  });

  test("many senders at once leave no number out and give none twice", async () => {
    const { id } = await sampleTask(server.deps);
    await Promise.all(Array.from({ length: 300 }, (_, index) => post(id, { text: `from ${index}` })));
    const { items, total } = await read(id);
    expect(total).toBe(300);
    expect(items.map(({ n }) => n)).toEqual(Array.from({ length: 300 }, (_, n) => n));
    expect(new Set(items.map(({ text }) => text)).size).toBe(300);
  });
});

test("secrets do not reach the disk, not even a private key that comes in several batches", async () => {
  const { id } = await sampleTask(server.deps);
  const body = "MIIEowIBAAKCAQEAx7Tn5bQKq0l9v2a8m1cD4e6F8g0H2i4J6k8L0m2N4o6P8q0R";
  await post(id, [{ text: "password=hunter2" }, { text: "-----BEGIN RSA PRIVATE KEY-----" }, { text: body }]);
  await post(id, [{ text: body }, { text: "Zm9vYmFy" }, { text: "-----END RSA PRIVATE KEY-----" }, { text: "done" }]);
  const { rows } = await server.deps.ownerDb.query<{ stored: string }>(
    "select lines::text || (select last_line from task where id = task_id) as stored from task_lines where task_id = $1",
    [id],
  );
  const stored = rows.map((row) => row.stored).join("");
  expect(stored).toContain(redacted);
  for (const secret of ["hunter2", body, "Zm9vYmFy"]) expect(stored).not.toContain(secret);
  expect(texts(await read(id)).at(-1)).toBe("done");
  const counts = await server.deps.db.query("select rule from redaction_count where rule = 'private_key'");
  expect(counts.rows).toHaveLength(1);
});

test("a task that writes a line a request has few rows, and long lines do not make rows of any size", async () => {
  const chatty = await sampleTask(server.deps);
  for (let n = 0; n < 250; n++) await post(chatty.id, { text: `line ${n}` });
  expect(await rowsOf(chatty.id)).toBe(2);
  expect(texts(await read(chatty.id))).toEqual(Array.from({ length: 250 }, (_, n) => `line ${n}`));
  const wide = await sampleTask(server.deps);
  await post(
    wide.id,
    Array.from({ length: 40 }, () => ({ text: "abcdefgh".repeat(1_000) })),
  );
  expect(await rowsOf(wide.id)).toBe(5);
});

test("pages go forwards and backwards without a gap", async () => {
  const { id } = await sampleTask(server.deps);
  await post(id, numbered(0, 450));
  const forwards = [...(await read(id, "?limit=200")).items];
  forwards.push(...(await read(id, "?after=199&limit=200")).items, ...(await read(id, "?after=399&limit=200")).items);
  expect(forwards.map(({ n }) => n)).toEqual(Array.from({ length: 450 }, (_, n) => n));
  expect((await read(id, "?before=450&limit=3")).items.map(({ n }) => n)).toEqual([447, 448, 449]);
  expect((await read(id, "?before=401&limit=250")).items.map(({ n }) => n)).toEqual(
    Array.from({ length: 250 }, (_, index) => 151 + index),
  );
  expect((await read(id, "?before=0")).items).toEqual([]);
  expect((await read(id, "?after=449")).items).toEqual([]);
});

test("of more lines than are kept the middle is folded, and the download says how many are missing", async () => {
  const { id } = await sampleTask(server.deps);
  const step = 5_000;
  for (let from = 0; from < taskLimits.linesKept; from += step) await post(id, { from, lines: numbered(from, step) });
  expect((await read(id, "?limit=1")).folded).toBeUndefined();
  await post(id, numbered(100_000, step));
  await post(id, numbered(105_000, step));

  const { rows } = await server.deps.db.query<{ kept: number; first: number }>(
    "select sum(line_count)::int as kept from task_lines where task_id = $1",
    [id],
  );
  expect(rows[0]?.kept).toBeLessThanOrEqual(taskLimits.linesKept);
  expect(rows[0]?.kept).toBeGreaterThan(taskLimits.linesKept - 10_000);
  const { folded, total } = await read(id, "?limit=1");
  expect(total).toBe(110_000);
  expect(folded).toEqual({ from: taskLimits.linesHeadKept, count: 110_000 - (rows[0]?.kept ?? 0) });
  const after = await read(id, `?after=${taskLimits.linesHeadKept - 1}&limit=1`);
  expect(after.items[0]?.n).toBe((folded?.from ?? 0) + (folded?.count ?? 0));
  expect(texts(await read(id, "?before=110000&limit=1"))).toEqual(["line 109999"]);

  const url = `/api/v1/tasks/${id}/output`;
  const output = (await server.app.inject({ method: "GET", url, headers: key.headers })).body.split("\n");
  expect(output.filter((line) => line.includes("no longer kept"))).toEqual([
    `… ${folded?.count.toLocaleString("en")} lines are no longer kept …`,
  ]);
  expect(output).toHaveLength((rows[0]?.kept ?? 0) + 2);
  expect(output.at(-2)).toBe("line 109999");
});

test("the download is plain text, with colours and times on demand", async () => {
  const { id } = await sampleTask(server.deps);
  const at = "2026-11-20T10:00:00.000Z";
  await post(id, [
    { at, text: "\u001b[32mok\u001b[0m" },
    { at, stream: "err", text: "not ok" },
  ]);
  const get = (query: string) =>
    server.app.inject({ method: "GET", url: `/api/v1/tasks/${id}/output${query}`, headers: key.headers });
  const plain = await get("");
  expect(plain.headers["content-type"]).toBe("text/plain; charset=utf-8");
  expect(plain.headers["content-disposition"]).toBe(`attachment; filename="task-${id}.log"`);
  expect(plain.body).toBe("ok\nnot ok\n");
  expect((await get("?ansi=keep&timestamps=true")).body).toBe(`${at} out \u001b[32mok\u001b[0m\n${at} err not ok\n`);
});

test("lines are taken for ten minutes after the end, then no more", async () => {
  const late = await sampleTask(server.deps, { status: "failed" });
  expect((await post(late.id, { text: "late" })).status).toBe(201);
  await server.deps.db.query("update task set finished_at = now() - interval '11 minutes' where id = $1", [late.id]);
  expect(await post(late.id, { text: "too late" })).toMatchObject({ status: 409, body: { code: "task_finished" } });
});

test("a task of another workspace does not exist, neither to write to nor to read", async () => {
  const { rows } = await server.deps.ownerDb.query<{ id: number }>(
    "insert into workspace (slug, name) values ('other', 'Other') returning id",
  );
  const { id } = await sampleTask(server.deps, { workspaceId: rows[0]?.id ?? 0 });
  expect(await post(id, { text: "x" })).toMatchObject({ status: 404, body: { code: "not_found" } });
  for (const path of ["lines", "output"]) {
    const url = `/api/v1/tasks/${id}/${path}`;
    expect((await server.app.inject({ method: "GET", url, headers: key.headers })).statusCode).toBe(404);
  }
});

test("whoever may not see personal data gets lines with addresses masked, in pages and in the download", async () => {
  const { id } = await sampleTask(server.deps);
  await post(id, { text: "mail to dana@acme.example from 203.0.\u001b[1m113.9\u001b[0m" });
  const support = await signedInClient(server, { role: "support" });
  const page = await support.request("GET", `/tasks/${id}/lines`);
  expect(page.json().items[0].text).toBe("mail to ••• from •••");
  expect((await support.request("GET", `/tasks/${id}/output`)).body).toBe("mail to ••• from •••\n");
  expect(texts(await read(id))[0]).toContain("dana@acme.example");
});

test("lines that come late count as those of the attempt that wrote them", async () => {
  const { id } = await sampleTask(server.deps);
  await post(id, { from: 0, lines: numbered(0, 1) });
  await server.deps.db.query("update task set attempt = 2 where id = $1", [id]);
  const writer = new LineWriter(server.deps);
  await writer.append(server.workspaceId, id, { lines: [{ stream: "err", text: "late" }], attempt: 1 });
  await writer.append(server.workspaceId, id, { lines: [{ stream: "out", text: "new" }] });
  expect((await read(id)).items.map(({ attempt, text }) => [attempt, text])).toEqual([
    [1, "line 0"],
    [1, "late"],
    [2, "new"],
  ]);
});
