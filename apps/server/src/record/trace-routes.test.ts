import type { EventInput } from "@daybook/contract";
import { addWorkspace, apiKey, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const START = Date.UTC(2026, 10, 20, 8);
const id = (number: number): string => `0198f0c2-5b1e-7cc3-8a57-${number.toString().padStart(12, "0")}`;
const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

let made: TestApp;
let headers: { authorization: string };

const dana = { type: "user", id: "42", name: "Dana" } as const;
const lee = { type: "staff", id: "7", name: "Lee" } as const;
const server = { type: "server", id: "srv-1" };

const events: EventInput[] = [
  // The event in question.
  {
    id: id(1),
    action: "server.started",
    actor: dana,
    targets: [server],
    origin: { ip: null, sessionId: "s-1", requestId: "r-1" },
    occurredAt: at(0),
  },
  {
    id: id(2),
    action: "backup.created",
    actor: { type: "system" },
    origin: { ip: null, requestId: "r-1" },
    occurredAt: at(1),
  },
  { id: id(3), action: "auth.login", actor: dana, origin: { ip: null, sessionId: "s-1" }, occurredAt: at(-60) },
  { id: id(4), action: "user.updated", actor: dana, origin: { ip: null }, occurredAt: at(10) },
  { id: id(5), action: "user.updated", actor: dana, origin: { ip: null }, occurredAt: at(11) },
  {
    id: id(6),
    action: "server.stopped",
    actor: lee,
    targets: [{ type: "node", id: "n" }, server],
    origin: { ip: null },
    occurredAt: at(-9),
  },
  {
    id: id(7),
    action: "server.stopped",
    actor: lee,
    targets: [{ type: "server", id: "srv-2" }],
    origin: { ip: null },
    occurredAt: at(0),
  },
];

beforeAll(async () => {
  made = await testApp({ clock: () => START + 86_400_000 });
  headers = (await apiKey(made.deps)).headers;
  await made.deps.record.write(made.workspaceId, events);
});
afterAll(() => made.close());

interface Item {
  event: { id: string };
  because: string[];
}

const trace = async (number: number, words = "") => {
  const answer = await made.app.inject({ url: `/api/v1/events/${id(number)}/trace${words}`, headers });
  return answer.json() as { items: Item[]; cut: string[]; minutes: number };
};
const reasons = ({ items }: { items: Item[] }) =>
  items.map(({ event, because }) => [Number(event.id.slice(-3)), because.join(" ")]);

test("request, session and neighbours, oldest first, each with why it is there", async () => {
  expect(reasons(await trace(1))).toEqual([
    [3, "session"],
    [6, "target"],
    [1, "request session actor target"],
    [2, "request"],
    [4, "actor"],
  ]);
});

test("the minutes widen what counts as a neighbour, not the session", async () => {
  const wide = reasons(await trace(1, "?minutes=11"));
  expect(wide).toContainEqual([5, "actor"]);
  expect(wide).toContainEqual([3, "session"]);
  expect(reasons(await trace(1, "?minutes=5")).map(([number]) => number)).toEqual([3, 1, 2]);
});

test("the system's other events are no neighbours", async () => {
  expect(reasons(await trace(2))).toEqual([
    [1, "request"],
    [2, "request"],
  ]);
});

test("of more than fifty on a side the nearest are there, and that is said", async () => {
  const busy = Array.from({ length: 120 }, (_, index) => ({
    id: id(1_000 + index),
    action: "user.updated",
    actor: { type: "user", id: "busy" } as const,
    origin: { ip: null },
    occurredAt: at(index / 60),
  }));
  await made.deps.record.write(made.workspaceId, busy);
  const found = await trace(1_060);
  expect(found.items).toHaveLength(101);
  expect(found.items[0]?.event.id).toBe(id(1_010));
  expect(found.cut).toEqual(["actor"]);
});

test("an event of another workspace, or one that is not in sight, is not found", async () => {
  await addWorkspace(made.deps, "apart");
  const other = await apiKey(made.deps, { workspace: "apart" });
  const url = `/api/v1/events/${id(1)}/trace`;
  expect((await made.app.inject({ url, headers: other.headers })).statusCode).toBe(404);
  const billing = await signedInClient(made, { role: "billing" });
  expect((await billing.request("GET", `/events/${id(1)}/trace`)).statusCode).toBe(404);
});

test("support is not led along a session that it may not see", async () => {
  const support = await signedInClient(made, { role: "support" });
  const found = (await support.request("GET", `/events/${id(1)}/trace`)).json();
  expect(reasons(found).flatMap(([, because]) => because)).not.toContain("session");
  expect(JSON.stringify(found)).not.toContain('s-1"');
});
