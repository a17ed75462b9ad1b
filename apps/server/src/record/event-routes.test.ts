import { type Event, formatQuery, logScreenQueries } from "@daybook/contract";
import { apiKey, signedInClient } from "@daybook/testkit/access.ts";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type EventRow, toEvent } from "./event-row.ts";
import { rollUp } from "./search/roll-up.ts";

let server: TestApp;
let headers: Record<string, string>;
let rows: EventRow[];

beforeAll(async () => {
  server = await testApp();
  headers = (await apiKey(server.deps)).headers;
  rows = fc.sample(eventRows, { numRuns: 300, seed: 5 });
  const { db, ownerDb } = server.database;
  await appendRows(db, ownerDb, server.workspaceId, rows);
  await rollUp(ownerDb, server.workspaceId);
});

afterAll(() => server.close());

async function get(path: string, own = headers): Promise<{ status: number; body: Record<string, unknown> }> {
  const reply = await server.app.inject({ url: `/api/v1${path}`, headers: own });
  return { status: reply.statusCode, body: reply.json() };
}

interface Page {
  items: Event[];
  nextCursor: string | null;
  total: { value: number; relation: string };
}

async function pages(path: string): Promise<Page[]> {
  const all: Page[] = [];
  let cursor: string | null = null;
  do {
    const { status, body } = await get(`${path}${cursor === null ? "" : `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    const page = body as unknown as Page;
    all.push(page);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}

const inOrder = (sign: number): Event[] =>
  [...rows].sort((left, right) => sign * (left.occurredAtMs - right.occurredAtMs || left.seq - right.seq)).map(toEvent);

test("the list gives whole events, newest first, page by page, with the total on each", async () => {
  const found = await pages("/events?limit=70");
  expect(found.map((page) => page.items.length)).toEqual([70, 70, 70, 70, 20]);
  expect(found.flatMap((page) => page.items)).toEqual(JSON.parse(JSON.stringify(inOrder(-1))));
  for (const page of found) expect(page.total).toEqual({ value: 300, relation: "eq" });
});

test("order, range and query narrow the list", async () => {
  const wanted = inOrder(1).filter(
    (event) => event.action === "auth.login" && event.occurredAt.startsWith("2026-11-18"),
  );
  const found = await pages("/events?q=action:auth.login&order=asc&limit=5&from=2026-11-18&to=2026-11-18");
  expect(found.flatMap((page) => page.items.map((event) => event.seq))).toEqual(wanted.map((event) => event.seq));
  expect(wanted.length).toBeGreaterThan(5);
  const instants = await pages("/events?from=2026-11-18T00:00:00Z&to=2026-11-18T10:00:00%2B00:00&limit=500");
  const during = inOrder(-1).filter(
    ({ occurredAt }) => occurredAt >= "2026-11-18" && occurredAt < "2026-11-18T10:00:00.000Z",
  );
  expect(instants.flatMap((page) => page.items.map((event) => event.seq))).toEqual(during.map((event) => event.seq));
});

test("paging stays right while events arrive", async () => {
  const own = await testApp();
  const { headers: ownHeaders } = await apiKey(own.deps);
  const sample = fc.sample(eventRows, { numRuns: 200, seed: 9 });
  const { db, ownerDb } = own.database;
  await appendRows(db, ownerDb, own.workspaceId, sample.slice(0, 120));
  const first = new Set(sample.slice(0, 120).map((row) => row.id));
  const seen: string[] = [];
  let cursor = "";
  for (let at = 120; ; at = Math.min(at + 20, 200)) {
    const page = (
      await own.app.inject({ url: `/api/v1/events?limit=25${cursor}`, headers: ownHeaders })
    ).json() as Page;
    seen.push(...page.items.map((event) => event.id));
    if (page.nextCursor === null) break;
    cursor = `&cursor=${page.nextCursor}`;
    if (at < 200) await appendRows(db, ownerDb, own.workspaceId, sample.slice(at, at + 20));
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect([...first].filter((id) => !seen.includes(id))).toEqual([]);
  await own.close();
});

test("a cursor of another query, a broken one and a bad range are refused", async () => {
  const { body } = await get("/events?limit=10");
  const { nextCursor } = body as unknown as Page;
  expect(await get(`/events?limit=10&q=kind:user&cursor=${nextCursor}`)).toMatchObject({
    status: 400,
    body: { code: "invalid_cursor" },
  });
  expect(await get(`/events?limit=10&order=asc&cursor=${nextCursor}`)).toMatchObject({
    status: 400,
    body: { code: "invalid_cursor" },
  });
  expect(await get("/events?cursor=abc")).toMatchObject({ status: 400, body: { code: "invalid_cursor" } });
  expect(await get("/events?from=yesterday")).toMatchObject({
    status: 400,
    body: { code: "invalid_request", parameter: "from" },
  });
  expect(await get("/events?limit=501")).toMatchObject({ status: 400 });
  expect(await get("/events?query=x")).toMatchObject({ status: 400 });
});

test("a fault in the query says where it is and what was meant", async () => {
  expect(await get("/events?q=kind:user%20acter:dana")).toMatchObject({
    status: 400,
    body: { code: "invalid_query", position: 10, length: 5, suggestion: "actor" },
  });
});

test("who may not read gets nothing", async () => {
  const { headers: writer } = await apiKey(server.deps, { scopes: ["events:write"] });
  for (const path of ["/events", "/events/histogram", "/events/facets", "/search/suggestions?key=action"]) {
    expect(await get(path, writer)).toMatchObject({ status: 403 });
    expect(await get(path, {})).toMatchObject({ status: 401 });
  }
});

test("the histogram covers the range with readable buckets", async () => {
  const { body } = await get("/events/histogram?from=2026-11-17T00:00:00Z&to=2026-11-20T12:00:00Z&buckets=30");
  const { bucketMs, buckets, relation } = body as {
    bucketMs: number;
    relation: string;
    buckets: { start: string; total: number }[];
  };
  expect({ bucketMs, relation, first: buckets[0]?.start, count: buckets.length }).toEqual({
    bucketMs: 3 * 3_600_000,
    relation: "eq",
    first: "2026-11-17T00:00:00.000Z",
    count: 28,
  });
  const inside = rows.filter(
    (row) => row.occurredAtMs >= Date.UTC(2026, 10, 17) && row.occurredAtMs < Date.UTC(2026, 10, 20, 12),
  );
  expect(buckets.reduce((sum, bucket) => sum + bucket.total, 0)).toBe(inside.length);
});

test("every facet value can be put into the query and finds as many events as it says", async () => {
  const { body } = await get(
    "/events/facets?fields=action,actor,target,ip,country,outcome,kind,severity,category&limit=100&q=kind:user,system",
  );
  const { facets, relation, capped } = body as {
    facets: Record<string, { value: string; count: number }[]>;
    relation: string;
    capped: string[];
  };
  expect({ relation, capped }).toEqual({ relation: "eq", capped: [] });
  expect(Object.values(facets).flat().length).toBeGreaterThan(60);
  // An id alone may be another's name, so values with a type and plain fields are exact.
  for (const [field, values] of Object.entries(facets)) {
    for (const { value, count } of values) {
      if (field === "actor" && !value.includes("/")) continue;
      const term = formatQuery({
        terms: [
          {
            type: "key",
            key: field as "actor",
            path: "",
            negated: false,
            operator: ":",
            values: [{ type: "pattern", pattern: [value], position: 0, length: 0 }],
            position: 0,
            length: 0,
          },
        ],
      });
      const found = await get(`/events?limit=1&q=${encodeURIComponent(`kind:user,system ${term}`)}`);
      expect([term, (found.body as unknown as Page).total]).toEqual([term, { value: count, relation: "eq" }]);
    }
  }
});

test("suggestions begin with what was typed", async () => {
  const action = await get("/search/suggestions?key=action&prefix=SERVER.");
  const values = (action.body.items as { value: string; events: number }[]).map((item) => item.value);
  expect(values.sort()).toEqual(["server.power.on", "server.start"]);
  expect((await get("/search/suggestions?key=outcome&prefix=f")).body).toEqual({ items: [{ value: "failure" }] });
  const target = await get("/search/suggestions?key=target&prefix=mc-&limit=50");
  const targets = target.body.items as { value: string; label?: string; events: number }[];
  expect(targets[0]?.value).toContain("/mc-01");
  expect(targets.every((item) => `${item.value} ${item.label ?? ""}`.includes("mc-"))).toBe(true);
});

test("a search by somebody who is signed in is recorded once, with the query; that of a key is not", async () => {
  const person = await signedInClient({ app: server.app, deps: server.deps });
  for (let time = 0; time < 3; time++) await person.request("GET", "/events?q=reason:dana&limit=1");
  await person.request("GET", "/events?limit=1");
  await get("/events?q=reason:dana");
  const recorded = await vi.waitFor(async () => {
    const { items } = (await get("/events?q=action:log.searched")).body as unknown as Page;
    expect(items).not.toEqual([]);
    return items;
  });
  expect(recorded).toMatchObject([
    { actor: { type: "staff", id: person.member.id }, details: { query: "reason:dana" }, origin: { auth: "session" } },
  ]);
});

test("opening a log screen is no search; narrowing it down is one", async () => {
  const person = await signedInClient({ app: server.app, deps: server.deps });
  const asked = [...Object.values(logScreenQueries), "reason:overdue kind:administrative"];
  for (const q of asked) await person.request("GET", `/events?limit=1&q=${encodeURIComponent(q)}`);
  const query = `/events?q=${encodeURIComponent(`action:log.searched actor:${person.member.id}`)}`;
  const recorded = await vi.waitFor(async () => {
    const { items } = (await get(query)).body as unknown as Page;
    expect(items).not.toEqual([]);
    return items;
  });
  expect(recorded).toMatchObject([{ details: { query: "reason:overdue kind:administrative" } }]);
  expect(recorded).toHaveLength(1);
});

test("the API document describes the calls", async () => {
  const document = (await server.app.inject({ url: "/api/openapi.json" })).json() as { paths: Record<string, object> };
  for (const path of [
    "/api/v1/events",
    "/api/v1/events/histogram",
    "/api/v1/events/facets",
    "/api/v1/events/stream",
    "/api/v1/search/suggestions",
  ]) {
    expect(document.paths[path]).toMatchObject({ get: { summary: expect.any(String) } });
  }
});
