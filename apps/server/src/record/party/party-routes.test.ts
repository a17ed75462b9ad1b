import type { EventInput } from "@daybook/contract";
import { addWorkspace, apiKey, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rollUp } from "../search/roll-up.ts";

const DAY = 86_400_000;
const START = Date.UTC(2026, 10, 10, 12);
const at = (days: number, minutes = 0): string => new Date(START + days * DAY + minutes * 60_000).toISOString();

let made: TestApp;
let headers: { authorization: string };

const server = { type: "server", id: "srv/1", name: "mc-01", ownerId: "42" };
const dana = { type: "user", id: "42", name: "Dana", email: "dana@acme.example" } as const;
const lee = { type: "staff", id: "7", name: "Lee" } as const;

const events: EventInput[] = [
  { action: "auth.login", actor: { ...dana, name: "Dana Old" }, occurredAt: at(0), origin: { ip: "203.0.113.9" } },
  {
    action: "auth.login",
    actor: dana,
    occurredAt: at(1),
    outcome: "failure",
    reason: "invalid_password",
    origin: { ip: "203.0.113.9" },
  },
  { action: "server.started", actor: dana, targets: [server], occurredAt: at(1, 5), origin: { ip: "203.0.113.10" } },
  {
    action: "user.updated",
    actor: lee,
    targets: [{ type: "user", id: "42", name: "Dana" }],
    occurredAt: at(2),
    origin: { ip: "198.51.100.1" },
  },
  {
    action: "server.suspended",
    actor: lee,
    onBehalfOf: dana,
    targets: [{ ...server, name: "mc-one" }],
    occurredAt: at(3),
    origin: { ip: "198.51.100.1" },
  },
  {
    action: "server.started",
    actor: lee,
    targets: [{ type: "server", id: "srv-2", ownerId: "42" }],
    occurredAt: at(3, 1),
    origin: { ip: null },
  },
  {
    action: "auth.login",
    actor: { type: "user", id: "66", name: "Kim" },
    occurredAt: at(4),
    outcome: "denied",
    origin: { ip: "203.0.113.9" },
  },
  {
    action: "auth.login",
    actor: { type: "anonymous", email: "no@body.example" },
    occurredAt: at(4, 1),
    outcome: "failure",
    origin: { ip: "203.0.113.77" },
  },
];

beforeAll(async () => {
  made = await testApp({ clock: () => START + 5 * DAY });
  headers = (await apiKey(made.deps)).headers;
  await made.deps.record.write(made.workspaceId, events.slice(0, 5));
  // Part of the log is counted already, the rest is behind the cursor.
  await rollUp(made.deps.ownerDb, made.workspaceId);
  await made.deps.record.write(made.workspaceId, events.slice(5));
});
afterAll(() => made.close());

const ask = (path: string, more: Record<string, string> = {}) =>
  made.app.inject({ method: "GET", url: `/api/v1${path}`, headers: { ...headers, ...more } });

describe("an actor", () => {
  test("has its latest name, its first and last event, and what it did and suffered apart", async () => {
    const answer = (await ask("/actors/user/42")).json();
    expect(answer).toMatchObject({ kind: "actor", type: "user", id: "42", name: "Dana", email: "dana@acme.example" });
    expect(answer).toMatchObject({ query: "party:user/42", firstAt: at(0), lastAt: at(2) });
    expect(answer.parts).toEqual([
      {
        role: "did",
        query: "actor:user/42",
        total: { value: 3, relation: "eq" },
        byOutcome: { success: 2, failure: 1, denied: 0 },
        firstAt: at(0),
        lastAt: at(1, 5),
      },
      {
        role: "suffered",
        query: "target:user/42",
        total: { value: 1, relation: "eq" },
        byOutcome: { success: 1, failure: 0, denied: 0 },
        firstAt: at(2),
        lastAt: at(2),
      },
      expect.objectContaining({ role: "owned", query: "owner:42", total: { value: 3, relation: "eq" } }),
    ]);
  });

  test("its query finds what it did, what happened to it and what was done in its name", async () => {
    const { query } = (await ask("/actors/user/42")).json();
    const { items } = (await ask(`/events?q=${encodeURIComponent(query)}`)).json();
    expect(items.map((event: { action: string }) => event.action)).toEqual([
      "server.suspended",
      "user.updated",
      "server.started",
      "auth.login",
      "auth.login",
    ]);
  });

  test("has its days, with what failed", async () => {
    const { days, daysRelation } = (await ask("/actors/user/42")).json();
    const midnight = (day: number) => new Date(Math.floor((START + day * DAY) / DAY) * DAY).toISOString();
    expect(days).toEqual([
      { start: midnight(0), total: 1, failed: 0 },
      { start: midnight(1), total: 2, failed: 1 },
      { start: midnight(2), total: 1, failed: 0 },
    ]);
    expect(daysRelation).toBe("eq");
  });

  test("has its most frequent values, and who else came from its addresses", async () => {
    const { frequent, related } = (await ask("/actors/user/42")).json();
    expect(frequent.action[0]).toEqual({ value: "auth.login", count: 2 });
    expect(frequent.ip).toContainEqual({ value: "203.0.113.9", count: 2 });
    expect(related).toContainEqual({ kind: "actor", because: "address", value: "user/66", label: "Kim", count: 1 });
  });

  test("without an id is found by its e-mail address", async () => {
    const answer = (await ask("/actors/anonymous/no@body.example")).json();
    expect(answer).toMatchObject({ type: "anonymous", email: "no@body.example" });
    expect(answer.parts[0]).toMatchObject({ role: "did", total: { value: 1 } });
  });

  test("of whom there is no event is not found, and an unknown type is refused", async () => {
    expect((await ask("/actors/user/404")).statusCode).toBe(404);
    // There is a user 66, and no member of staff with that id.
    expect((await ask("/actors/user/66")).statusCode).toBe(200);
    expect((await ask("/actors/staff/66")).statusCode).toBe(404);
    expect((await ask("/actors/server/42")).statusCode).toBe(400);
  });
});

test("a target is counted also when it is behind the roll-up, and has its owner and what the owner also has", async () => {
  const answer = (await ask("/targets/server/srv%2F1")).json();
  expect(answer).toMatchObject({
    kind: "target",
    id: "srv/1",
    name: "mc-one",
    ownerId: "42",
    query: "target:server/srv/1",
  });
  expect(answer.parts).toMatchObject([{ role: "suffered", total: { value: 2, relation: "eq" } }]);
  expect(answer.related).toMatchObject([{ kind: "target", because: "owner", value: "server/srv-2", count: 1 }]);
  const behind = (await ask("/targets/server/srv-2")).json();
  expect(behind.parts).toMatchObject([{ total: { value: 1 } }]);
});

describe("an address", () => {
  test("has what came from it by outcome, and its neighbours in the network", async () => {
    const answer = (await ask("/addresses/203.0.113.9")).json();
    expect(answer.parts).toMatchObject([
      { role: "did", total: { value: 3 }, byOutcome: { success: 1, failure: 1, denied: 1 } },
    ]);
    const neighbours = answer.related.map(({ value, because }: { value: string; because: string }) => [value, because]);
    expect(neighbours).toEqual([
      ["203.0.113.10", "network"],
      ["203.0.113.77", "network"],
    ]);
    expect(answer.frequent.actor[0]).toMatchObject({ value: "user/42", count: 2 });
  });

  test("that the log does not have is told with its country all the same", async () => {
    const answer = (await ask("/addresses/8.8.8.8")).json();
    expect(answer).toMatchObject({ kind: "address", id: "8.8.8.8", country: "US", days: [] });
    expect(answer.parts).toMatchObject([{ total: { value: 0 } }]);
  });

  test("is read in its one form, and what is none is refused", async () => {
    expect((await ask("/addresses/2001:DB8:0::7")).json().id).toBe("2001:db8::7");
    expect((await ask("/addresses/999.1.1.1")).statusCode).toBe(400);
  });
});

describe("what is not in sight", () => {
  test("another workspace's parties are not found", async () => {
    await addWorkspace(made.deps, "apart");
    const other = await apiKey(made.deps, { workspace: "apart" });
    expect((await ask("/actors/user/42", other.headers)).statusCode).toBe(404);
    expect((await ask("/addresses/203.0.113.9", other.headers)).json().parts).toMatchObject([{ total: { value: 0 } }]);
  });

  test("support sees who somebody is without addresses, and no page of an address", async () => {
    const support = await signedInClient(made, { role: "support" });
    const answer = await support.request("GET", "/actors/user/42");
    expect(answer.json()).toMatchObject({ name: "Dana", frequent: { ip: [] }, related: [] });
    expect(answer.body).not.toContain("dana@acme.example");
    expect(answer.body).not.toContain("203.0.113.");
    expect((await support.request("GET", "/addresses/203.0.113.9")).statusCode).toBe(403);
  });

  test("billing finds nobody who has no event of its categories", async () => {
    const billing = await signedInClient(made, { role: "billing" });
    expect((await billing.request("GET", "/actors/user/42")).statusCode).toBe(404);
  });
});
