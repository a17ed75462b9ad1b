import { type HideableField, parseQuery, type ViewerEvent, type ViewerScope } from "@daybook/contract";
import { type TestApp, testApp } from "@daybook/testkit/app.ts";
import { appendRows, eventRows } from "@daybook/testkit/event-rows.ts";
import fc from "fast-check";
import type { FastifyRequest } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EventRow, toEvent } from "../event-row.ts";
import { sealPast } from "../partitions.ts";
import { SearchPlan } from "../search/plan.ts";
import { reading } from "../search/reading.ts";
import { listTotal } from "../search/total.ts";
import { termsOf } from "../terms.ts";
import { customerActions } from "./customer-actions.ts";
import { customerLens } from "./customer-lens.ts";
import { allows, finds } from "./naive-customer.ts";
import { ViewerGate } from "./viewer-access.ts";
import { createViewerToken } from "./viewer-token-store.ts";

let server: TestApp;
let rows: EventRow[];

const actions = [
  ...["server.power.restart", "server.suspended", "server.files.deleted", "auth.login", "auth.password.changed"],
  ...[
    "backup.completed",
    "staff.note.created",
    "server.notes.updated",
    "log.searched",
    "invoice.sent",
    "my.thing.done",
  ],
];

beforeAll(async () => {
  server = await testApp();
  const { db, ownerDb } = server.database;
  const drawn = fc.sample(fc.tuple(eventRows, parts), { numRuns: 500, seed: 5 });
  rows = drawn.map(([row, changes]) => {
    // Only staff have a name that must not be seen.
    if (changes.actorType === 1) changes.actorName = "Rita Staff";
    const made: EventRow = { ...row, ...changes, category: changes.action.slice(0, changes.action.indexOf(".")) };
    made.terms = termsOf(made);
    return made;
  });
  for (const row of rows.slice(0, 40)) {
    Object.assign(row, { targetType: "server", targetId: "foreign", targetName: "Foreign", targetOwnerId: "99" });
    Object.assign(row, { actorId: "98", project: "p-8", moreTargets: null, terms: [] });
    row.terms = termsOf(row);
  }
  await appendRows(db, ownerDb, server.workspaceId, rows);
});

afterAll(() => server.close());

const id = fc.constantFrom("77", "42", "s-1", "s-2", "S-1");
const type = fc.constantFrom("server", "user", "customer", "node");
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 3 });

const target = fc.record(
  { type, id, name: fc.constantFrom("Web 1", "dana@acme.example", "10.0.0.1"), ownerId: id },
  { requiredKeys: ["type", "id"] },
);
const parts: fc.Arbitrary<Partial<EventRow> & { action: string }> = fc
  .record({
    action: fc.constantFrom(...actions),
    actorType: fc.constantFrom(0, 1, 2, 3, 4),
    actorId: maybe(id),
    actorName: maybe(fc.constantFrom("Dana", "Lee", "lee@acme.example")),
    project: maybe(fc.constantFrom("p-1", "p-2")),
    targets: fc.array(target, { maxLength: 3 }),
  })
  .map(({ targets: [main, ...others], ...rest }) => ({
    ...rest,
    targetType: main?.type ?? null,
    targetId: main?.id ?? null,
    targetName: main?.name ?? null,
    targetOwnerId: main?.ownerId ?? null,
    moreTargets: others.length === 0 ? null : JSON.stringify(others),
  }));

const scopes: fc.Arbitrary<ViewerScope> = fc
  .record(
    {
      targets: fc.array(fc.record({ type, id }), { minLength: 1, maxLength: 3 }),
      ownerId: id,
      project: fc.constantFrom("p-1", "p-9"),
      actor: fc.record({ type: fc.constantFrom("user" as const, "api_key" as const), id }),
    },
    { requiredKeys: [] },
  )
  .filter((scope) => Object.keys(scope).length > 0);

interface Holder {
  token: string;
  get(
    path: string,
  ): Promise<{ status: number; body: { items: ViewerEvent[]; nextCursor: string | null; total: { value: number } } }>;
}

async function holderOf(
  scope: ViewerScope,
  staffAs: string | null,
  hiddenFields: HideableField[] = [],
): Promise<Holder> {
  const wanted = { scope, hiddenFields, minutes: 5, staffAs };
  const { token } = await createViewerToken(
    server.deps.db,
    { workspaceId: server.workspaceId, createdBy: "test", wanted },
    Date.now(),
  );
  return {
    token,
    get: async (path) => {
      const reply = await server.app.inject({
        url: `/api/v1/viewer${path}`,
        headers: { authorization: `Bearer ${token}` },
      });
      return { status: reply.statusCode, body: reply.json() };
    },
  };
}

/** Every page of a list. */
async function all(holder: Holder, q: string): Promise<ViewerEvent[]> {
  const found: ViewerEvent[] = [];
  let cursor = "";
  do {
    const { status, body } = await holder.get(`/events?limit=100&q=${encodeURIComponent(q)}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    found.push(...body.items);
    cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
  } while (cursor !== "");
  return found;
}

const ids = (events: readonly { id: string }[]): string[] => events.map((event) => event.id).sort();

async function givesWhatIsAllowed(runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scopes, fc.constantFrom("Support", null), async (scope, staffAs) => {
      const holder = await holderOf(scope, staffAs);
      const given = await all(holder, "");
      const allowed = rows.map(toEvent).filter((event) => allows(scope, event));
      expect(ids(given)).toEqual(ids(allowed));
      for (const event of given) {
        expect(event).not.toHaveProperty("seq");
        expect(event).not.toHaveProperty("origin");
        if (!event.own) expect(event.ip ?? event.browser ?? event.actor?.id).toBeUndefined();
        if (!event.own && event.actor?.type === "staff")
          expect(event.actor).toEqual({ type: "staff", name: "Support" });
        if (staffAs === null && !event.own) expect(event.actor?.type).not.toBe("staff");
        if (!event.own) expect(event.summary).not.toContain("Rita");
      }
    }),
    { numRuns: runs },
  );
}

test("a token gives what the rule allows, all of it and nothing else", () => givesWhatIsAllowed(40));

const queries = fc.array(
  fc.tuple(
    fc.constantFrom("", "-"),
    fc.constantFrom(
      ...[
        "actor:support",
        "actor:staff",
        "actor:system",
        "actor:dana",
        "actor:77",
        "actor:*a*",
        "actor:user/77",
        "actor:*",
        "actor:rita*",
      ],
      ...[
        "target:server",
        "target:s-1",
        "target:server/*",
        "target:web*",
        "target:*",
        "target:42",
        "target:user/42",
        "action:server.*",
      ],
      ...[
        "category:server,backup",
        "outcome:failure",
        "dana",
        "restarted",
        "rita",
        "support",
        "web",
        "s-",
        "42",
        "acme",
        "created:2020..2030",
      ],
    ),
  ),
  { minLength: 1, maxLength: 2 },
);

test("a query finds what it would find in what is shown, and tells nothing of the rest", async () => {
  await fc.assert(
    fc.asyncProperty(scopes, fc.constantFrom("Support", null), queries, async (scope, staffAs, terms) => {
      const holder = await holderOf(scope, staffAs);
      const shown = await all(holder, "");
      const asked = terms.map(([sign, text]) => sign + text).join(" ");
      const found = await all(holder, asked);
      expect([asked, ids(found)]).toEqual([
        asked,
        ids(shown.filter((event) => terms.every(([sign, text]) => finds(event, text) !== (sign === "-")))),
      ]);
    }),
    { numRuns: 80 },
  );
});

test("the stream shows the same events as the list, as the list shows them", async () => {
  const gate = new ViewerGate(server.deps, 0);
  await fc.assert(
    fc.asyncProperty(scopes, fc.constantFrom("Support", null), queries, async (scope, staffAs, terms) => {
      const asked = terms.map(([sign, text]) => sign + text).join(" ");
      const holder = await holderOf(scope, staffAs);
      const access = await gate.open({
        headers: { authorization: `Bearer ${holder.token}` },
        query: {},
      } as FastifyRequest);
      const lens = customerLens(parseQuery(asked), access);
      const live = rows.map(toEvent).flatMap((event) => lens.show({ seq: event.seq, event, json: "" }) ?? []);
      const listed = await all(holder, asked);
      const byId = (left: ViewerEvent, right: ViewerEvent) => (left.id < right.id ? -1 : 1);
      expect(live.map((json) => JSON.parse(json) as ViewerEvent).sort(byId)).toEqual(listed.sort(byId));
    }),
    { numRuns: 40 },
  );
});

test("totals and facets count what the token sees; no count of the workspace is read for them", async () => {
  const holder = await holderOf({ ownerId: "77" }, "Support");
  const seen = await all(holder, "");
  const { body } = await holder.get("/events?limit=1");
  expect(body.total.value).toBe(seen.length);
  const facets = (await holder.get("/events/facets?limit=50")).body as unknown as {
    facets: Record<string, { count: number }[]>;
  };
  expect(facets.facets.category?.reduce((sum, { count }) => sum + count, 0)).toBe(seen.length);
});

test("a foreign target, owner or id that does not exist costs the same statements", async () => {
  const statements = async (q: string): Promise<string[]> => {
    const sight = {
      personal: false,
      customer: {
        key: "t",
        scope: { ownerId: "77" },
        actions: customerActions(server.deps.actions, server.workspaceId),
        hidden: new Set<HideableField>(),
        staffAs: null,
      },
    };
    const plan = new SearchPlan({ workspaceId: server.workspaceId, sight, query: parseQuery(q) });
    return reading(server.database.db, 5_000, async (client) => {
      const asked: string[] = [];
      const watched = new Proxy(client, {
        get: (from, name) => {
          if (name !== "query") return Reflect.get(from, name);
          return (text: string, values: unknown[]) => {
            asked.push(text);
            return from.query(text, values);
          };
        },
      });
      await listTotal(watched, plan, 0);
      return asked;
    });
  };
  const foreign = await statements("target:server/foreign");
  expect(foreign).toEqual(await statements("target:server/no-such"));
  expect(foreign.join("\n")).not.toMatch(/event_count|log_head/);
});

test("the same holds when the text indexes are there", async () => {
  await sealPast(server.database.ownerDb, Date.UTC(2100, 0, 1));
  await givesWhatIsAllowed(15);
});
