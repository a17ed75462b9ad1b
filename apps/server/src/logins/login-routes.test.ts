import type { EventInput } from "@daybook/contract";
import { apiKey, member, signedInClient, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const START = Date.UTC(2026, 10, 20, 8);
const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

let made: TestApp;
let headers: { authorization: string };

interface Attempt {
  ip: string;
  user: string;
  seconds: number;
  outcome?: "success" | "failure" | "denied";
  staff?: boolean;
}

const attempt = ({ ip, user, seconds, outcome = "failure", staff = false }: Attempt): EventInput => ({
  action: "auth.login",
  occurredAt: at(seconds),
  actor: { type: staff ? "staff" : "user", id: user, name: user.toUpperCase() },
  origin: { ip },
  outcome,
  ...(outcome === "success" ? {} : { reason: "invalid_password" }),
});

/** So many failures, `every` seconds apart. */
const failures = (count: number, every: number, base: Omit<Attempt, "seconds">, from = 0): EventInput[] =>
  Array.from({ length: count }, (_, index) => attempt({ ...base, seconds: from + index * every }));

beforeAll(async () => {
  made = await testApp({ clock: () => START + 86_400_000, config: { trustedProxies: ["198.51.100.250"] } });
  headers = (await apiKey(made.deps)).headers;
  await made.deps.record.write(made.workspaceId, [
    // Six within a minute, over two accounts, then in.
    ...failures(5, 10, { ip: "203.0.113.9", user: "dana" }),
    attempt({ ip: "203.0.113.9", user: "lee", seconds: 55, outcome: "denied" }),
    attempt({ ip: "203.0.113.9", user: "dana", seconds: 20, outcome: "success" }),
    attempt({ ip: "203.0.113.9", user: "lee", seconds: 90, outcome: "success" }),
    // Five, the first and the last exactly ten minutes apart, never in.
    ...failures(5, 150, { ip: "2001:db8::7", user: "root" }),
    // Five in ten minutes and a second: not an attack.
    ...failures(4, 150, { ip: "203.0.113.20", user: "root" }),
    attempt({ ip: "203.0.113.20", user: "root", seconds: 601 }),
    // A trusted proxy, and an address that staff signed in from.
    ...failures(9, 1, { ip: "198.51.100.250", user: "ana" }),
    ...failures(7, 1, { ip: "198.51.100.7", user: "boss", staff: true }),
    attempt({ ip: "198.51.100.7", user: "boss", seconds: 100, outcome: "success", staff: true }),
    // One account from many addresses.
    ...Array.from({ length: 6 }, (_, index) =>
      attempt({ ip: `192.0.2.${index + 1}`, user: "kim", seconds: index * 30 }),
    ),
    // Something else that failed.
    { action: "server.started", outcome: "failure", occurredAt: at(5), origin: { ip: "203.0.113.9" } },
  ]);
});
afterAll(() => made.close());

const ask = (path: string, more: Record<string, string> = {}) =>
  made.app.inject({ method: "GET", url: `/api/v1/logins/${path}`, headers: { ...headers, ...more } });
const values = (body: { items: { value: string }[] }) => body.items.map(({ value }) => value);

describe("attacks", () => {
  test("by address: those that then succeeded first, then the most failures", async () => {
    const answer = (await ask("attacks?by=address")).json();
    expect(values(answer)).toEqual(["198.51.100.7", "203.0.113.9", "198.51.100.250", "2001:db8::7"]);
    expect(answer).toMatchObject({ groups: 4, succeeded: 2, failures: 38, min: 5, minutes: 10 });
  });

  test("an address says what was tried, when, and the first success after the attack, not one before it", async () => {
    const answer = (await ask("attacks?by=address")).json();
    const found = answer.items.find((item: { value: string }) => item.value === "203.0.113.9");
    expect(found).toMatchObject({
      failures: 6,
      denied: 1,
      burst: 6,
      firstAt: at(0),
      lastAt: at(55),
      reachedAt: at(40),
      others: 2,
      examples: ["user/dana", "user/lee"],
      succeededAt: at(90),
      succeededAs: "user/lee",
    });
    const event = (await made.app.inject({ url: `/api/v1/events/${found.successId}`, headers })).json();
    expect(event).toMatchObject({ outcome: "success", actor: { id: "lee" } });
  });

  test("the minutes include both ends and no second more", async () => {
    const found = (await ask("attacks?by=address")).json();
    expect(values(found)).toContain("2001:db8::7");
    expect(values(found)).not.toContain("203.0.113.20");
    expect(values((await ask("attacks?by=address&minutes=11")).json())).toContain("203.0.113.20");
  });

  test("by account: one that is tried from many addresses, with its name", async () => {
    const answer = (await ask("attacks?by=account&limit=100")).json();
    const kim = answer.items.find((item: { value: string }) => item.value === "user/kim");
    expect(kim).toMatchObject({ label: "KIM", failures: 6, others: 6, burst: 6 });
    expect(kim.examples).toHaveLength(5);
    expect(kim).not.toHaveProperty("country");
    expect(kim).not.toHaveProperty("succeededAt");
  });

  test("the limit cuts the list and not the counts", async () => {
    const answer = (await ask("attacks?by=address&limit=1")).json();
    expect(answer.items).toHaveLength(1);
    expect(answer.groups).toBe(4);
  });

  test("a range without an attack says how many failed all the same", async () => {
    const answer = (await ask(`attacks?by=address&from=${at(600)}`)).json();
    expect(answer).toMatchObject({ items: [], groups: 0, succeeded: 0, failures: 2 });
  });

  test("a range that ends before it begins is refused", async () => {
    expect((await ask(`attacks?from=${at(10)}&to=${at(0)}`)).statusCode).toBe(400);
  });

  test("another workspace's sign-ins are not seen", async () => {
    const { addWorkspace } = await import("@daybook/testkit");
    await addWorkspace(made.deps, "elsewhere");
    const other = await apiKey(made.deps, { workspace: "elsewhere" });
    expect((await ask("attacks", other.headers)).json()).toMatchObject({ items: [], failures: 0 });
  });

  test("who may not see personal data gets neither attacks nor block lists", async () => {
    const support = await signedInClient(made, { role: "support" });
    for (const path of ["/logins/attacks", "/logins/block-list"]) {
      expect((await support.request("GET", path)).statusCode).toBe(403);
    }
  });

  test("who may read but not export sees attacks and gets no block list", async () => {
    const billing = await signedInClient(made, { role: "billing" });
    // Sign-ins are not among the events that billing sees.
    expect((await billing.request("GET", "/logins/attacks")).json()).toMatchObject({ items: [], failures: 0 });
    expect((await billing.request("GET", "/logins/block-list")).statusCode).toBe(403);
  });
});

describe("block lists", () => {
  test("plain text has one address a line, without proxies and the addresses of staff", async () => {
    const answer = await ask("block-list?format=text");
    expect(answer.headers["content-type"]).toContain("text/plain");
    expect(answer.headers["content-disposition"]).toMatch(/attachment; filename="daybook-main-block-list-.*\.txt"/);
    expect(answer.body).toBe("203.0.113.9\n2001:db8::7\n");
  });

  test("an address that a member of staff has a session from is left out", async () => {
    const person = await member(made.deps);
    await made.deps.ownerDb.query(
      "insert into session (id, token_hash, staff_id, ip, expires_at) values (gen_random_uuid(), 'x', $1, '203.0.113.9', now())",
      [person.id],
    );
    expect((await ask("block-list")).body).toBe("2001:db8::7\n");
    await made.deps.ownerDb.query("delete from session where staff_id = $1", [person.id]);
  });

  test("CSV has a header and says how often and when", async () => {
    const [head, first] = (await ask("block-list?format=csv")).body.split("\r\n");
    expect(head).toBe("ip,country,asn,network,failures,accounts,firstAt,lastAt,succeededAt");
    expect(first).toMatch(/^203\.0\.113\.9,/);
    expect(first).toContain(`,6,2,${at(0)},${at(55)},${at(90)}`);
  });

  test("fail2ban gets a command for each address, in the jail that is asked for", async () => {
    const { body } = await ask("block-list?format=fail2ban&jail=panel-login");
    expect(body.startsWith("#!/bin/sh\n")).toBe(true);
    expect(body.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
      "fail2ban-client set panel-login banip 203.0.113.9",
      "fail2ban-client set panel-login banip 2001:db8::7",
    ]);
    expect((await ask("block-list?format=fail2ban&jail=a;reboot")).statusCode).toBe(400);
  });

  test("nftables gets a set for each family, and an empty list gets no elements", async () => {
    const { body } = await ask("block-list?format=nftables");
    expect(statements(body)).toEqual([
      "add table inet daybook",
      "add set inet daybook blocked4 { type ipv4_addr; }",
      "flush set inet daybook blocked4",
      "add element inet daybook blocked4 { 203.0.113.9 }",
      "add set inet daybook blocked6 { type ipv6_addr; }",
      "flush set inet daybook blocked6",
      "add element inet daybook blocked6 { 2001:db8::7 }",
    ]);
    const none = await ask("block-list?format=nftables&min=1000");
    expect(statements(none.body).filter((line) => line.startsWith("add element"))).toEqual([]);
  });

  test("an export is itself recorded, with what was in it", async () => {
    await ask("block-list?format=csv&min=6");
    const { items } = (await made.app.inject({ url: "/api/v1/events?q=action:log.exported&limit=1", headers })).json();
    expect(items[0]).toMatchObject({
      actor: { type: "api_key" },
      details: { list: "addresses to block", format: "csv", addresses: 1, leftOut: 2, min: 6, minutes: 10 },
    });
  });
});

/** The statements of a file for nft, each on one line, without comments. */
function statements(text: string): string[] {
  const bare = text
    .replace(/^#.*\n/gm, "")
    .replace(/\{\s+/g, "{ ")
    .replace(/\s+\}/g, " }");
  return bare.split("\n").filter((line) => line !== "");
}
