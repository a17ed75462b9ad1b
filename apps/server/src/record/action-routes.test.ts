import type { EventInput, ListedAction } from "@daybook/contract";
import { addWorkspace, apiKey, type SignedInClient, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let server: TestApp;
let owner: SignedInClient;
beforeAll(async () => {
  server = await testApp({ config: { redactFields: ["ssn"], keepFields: ["nextToken"] } });
  owner = await signedInClient(server);
});
afterAll(() => server.close());

const write = (events: EventInput[]) => server.deps.record.write(server.workspaceId, events);
const list = async (
  query: string,
): Promise<{ items: ListedAction[]; nextCursor: string | null; total: { value: number } }> =>
  (await owner.request("GET", `/actions?${query}`)).json();
const find = async (action: string) =>
  (await list(`q=${action}&limit=500`)).items.find((item) => item.action === action);
const stored = async (action: string) => {
  const { rows } = await server.database.ownerDb.query(
    "select action, summary, reason, outcome, details, changes, actor_name, target_id from event where action = $1 order by seq desc",
    [action],
  );
  return rows[0];
};

describe("the list of actions", () => {
  test("holds the catalogue, with how often each is in the log and when last", async () => {
    await write([
      { action: "server.deleted", occurredAt: "2026-11-02T10:00:00Z" },
      { action: "server.deleted", occurredAt: "2026-11-03T10:00:00Z" },
    ]);
    expect(await find("server.deleted")).toMatchObject({
      source: "catalogue",
      severity: "high",
      events: 2,
      lastDay: "2026-11-03",
    });
    const unseen = await find("server.rebuilt");
    expect(unseen).toMatchObject({ source: "catalogue", events: 0 });
    expect(unseen).not.toHaveProperty("lastDay");
    expect(unseen).not.toHaveProperty("new");
  });

  test("marks an action that nobody described as new", async () => {
    await write([
      {
        action: "server.frobnicated",
        actor: { type: "user", name: "Dana" },
        targets: [{ type: "server", id: "mc-01" }],
      },
    ]);
    expect(await find("server.frobnicated")).toMatchObject({ new: true, source: "guess", events: 1 });
    expect((await stored("server.frobnicated")).summary).toBe("Dana frobnicated mc-01");
    expect((await list("new=true")).items.map((item) => item.action)).toEqual(["server.frobnicated"]);
  });

  test("pages through every action once, in order", async () => {
    const names: string[] = [];
    let cursor = "";
    for (let page = 0; page < 30; page++) {
      const reply = await list(`limit=100${cursor}`);
      names.push(...reply.items.map((item) => item.action));
      if (reply.nextCursor === null) break;
      cursor = `&cursor=${reply.nextCursor}`;
    }
    expect(names).toEqual([...new Set(names)].sort());
    expect(names.length).toBe((await list("limit=1")).total.value);
    expect(names.length).toBeGreaterThan(300);
  });

  test("narrows by category and by what is in the log", async () => {
    const { items } = await list("category=server&seen=true");
    expect(items.map((item) => item.action)).toEqual(["server.deleted", "server.frobnicated"]);
  });

  test("shows nobody the actions of another workspace", async () => {
    const other = await addWorkspace(server.deps, "other");
    await server.deps.record.write(other, [{ action: "hidden.thing" }]);
    expect(await find("hidden.thing")).toBeUndefined();
  });
});

describe("saying what an action means", () => {
  test("holds from the next event on, and is itself recorded, old and new", async () => {
    const put = await owner.request("PUT", "/actions/server.frobnicated", {
      says: "polished {target}",
      severity: "medium",
    });
    expect(put.statusCode).toBe(200);
    expect(put.json()).toMatchObject({ says: "polished {target}", severity: "medium", source: "workspace", events: 1 });
    await write([
      {
        action: "server.frobnicated",
        actor: { type: "user", name: "Dana" },
        targets: [{ type: "server", id: "mc-01" }],
      },
    ]);
    expect((await stored("server.frobnicated")).summary).toBe("Dana polished mc-01");

    await owner.request("PUT", "/actions/server.frobnicated", { severity: "low" });
    const change = await stored("log.action.updated");
    expect(change).toMatchObject({ target_id: "server.frobnicated", actor_name: owner.member.name });
    expect(JSON.parse(change.changes)).toEqual([
      { field: "says", new: null, old: "polished {target}" },
      { field: "severity", new: "low", old: "medium" },
    ]);
  });

  test("is taken back by DELETE, which is recorded too; there is nothing to take back twice", async () => {
    expect((await owner.request("DELETE", "/actions/server.frobnicated")).statusCode).toBe(204);
    expect(await find("server.frobnicated")).toMatchObject({ new: true, source: "guess" });
    expect(JSON.parse((await stored("log.action.reset")).changes)).toEqual([
      { field: "severity", new: null, old: "low" },
    ]);
    expect((await owner.request("DELETE", "/actions/server.frobnicated")).statusCode).toBe(404);
  });

  test.each([
    ["server.x", { says: "changed {nonsense}" }],
    ["server.x", {}],
    ["server.x", { severity: "awful" }],
    ["Not A Name", { severity: "low" }],
  ])("refuses %s %j", async (action, body) => {
    const reply = await owner.request("PUT", `/actions/${encodeURIComponent(action)}`, body);
    expect(reply.statusCode).toBe(400);
    expect(reply.json().code).toBe("invalid_request");
  });

  test("needs the scope actions:write; reading the list needs events:read", async () => {
    const auditor = await signedInClient(server, { role: "auditor" });
    expect((await auditor.request("PUT", "/actions/server.x", { severity: "low" })).statusCode).toBe(403);
    expect((await auditor.request("DELETE", "/actions/server.x")).statusCode).toBe(403);
    expect((await auditor.request("GET", "/actions")).statusCode).toBe(200);
    const writer = await apiKey(server.deps, { scopes: ["events:write"] });
    const reply = await server.app.inject({ url: "/api/v1/actions", headers: writer.headers });
    expect(reply.statusCode).toBe(403);
  });
});

describe("an event on its way in", () => {
  test("is a sign-in under one name, whatever a panel calls it, and keeps that name", async () => {
    await write([{ action: "user.login_failed", actor: { type: "user", name: "Dana" }, details: { try: 2 } }]);
    const row = await stored("auth.login");
    expect(row).toMatchObject({ action: "auth.login", outcome: 1, summary: "Dana could not sign in" });
    expect(JSON.parse(row.details)).toEqual({ sourceAction: "user.login_failed", try: 2 });
  });

  test("loses its secrets before it is stored, also those the operator named; and each is counted", async () => {
    await write([
      {
        action: "project.variable.updated",
        reason: "token=s3cr3t",
        changes: [{ field: "password", old: "s3cr3t", new: "s3cr3t2" }],
        details: {
          name: "REGION",
          value: "s3cr3t",
          ssn: "s3cr3t",
          nextToken: "page-2",
          nested: [{ apiKey: "s3cr3t" }],
        },
      },
    ]);
    const { rows } = await server.database.ownerDb.query(
      "select event::text as whole from event where event::text like '%s3cr3t%'",
    );
    expect(rows).toEqual([]);
    const row = await stored("project.variable.updated");
    expect(JSON.parse(row.changes)).toEqual([{ changed: true, field: "password" }]);
    expect(JSON.parse(row.details)).toEqual({
      name: "REGION",
      value: "[redacted]",
      ssn: "[redacted]",
      nextToken: "page-2",
      nested: [{ apiKey: "[redacted]" }],
    });
    const counted = (await owner.request("GET", "/redactions")).json();
    const today = new Date().toISOString().slice(0, 10);
    const rules = { token: 1, password: 1, action_field: 1, custom: 1, api_key: 1 };
    for (const [rule, redactions] of Object.entries(rules))
      expect(counted.items).toContainEqual({ day: today, rule, redactions });
  });
});

describe("the counts of redactions", () => {
  test("are of the days asked for, the newest first", async () => {
    await server.database.ownerDb.query(
      "insert into redaction_count values ($1, '2026-01-01', 'token', 5), ($1, '2026-01-03', 'jwt', 2), ($1, '2026-01-03', 'pin', 9)",
      [server.workspaceId],
    );
    const reply = (await owner.request("GET", "/redactions?from=2026-01-01&to=2026-01-03")).json();
    expect(reply).toEqual({
      items: [
        { day: "2026-01-03", rule: "pin", redactions: 9 },
        { day: "2026-01-03", rule: "jwt", redactions: 2 },
        { day: "2026-01-01", rule: "token", redactions: 5 },
      ],
      nextCursor: null,
      total: { value: 3, relation: "eq" },
    });
  });

  test.each(["from=2026-01-03&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "from=yesterday", "days=3"])(
    "refuse %s",
    async (query) => {
      expect((await owner.request("GET", `/redactions?${query}`)).statusCode).toBe(400);
    },
  );
});
