import { testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  accountKey,
  accountRule,
  addressKey,
  admit,
  forget,
  giveBack,
  type ThrottleRule,
  type Ticket,
} from "./login-throttle.ts";

let database: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const noon = Date.parse("2026-11-20T12:00:00.000Z");
const rule: ThrottleRule = { free: 3, firstBlockMs: 30 * SECOND, longestBlockMs: 5 * MINUTE, forgiveMs: 10 * MINUTE };

/** Seconds until the key is free again; 0 when the attempt was let through. */
async function tryAt(key: string, now: number): Promise<number> {
  const answer = await admit(database.db, key, rule, now);
  return "ticket" in answer ? 0 : (answer.blockedUntil.getTime() - now) / SECOND;
}

test("after the free attempts each failure blocks twice as long as the one before, up to the longest", async () => {
  let now = noon;
  for (let i = 0; i < 3; i++) expect(await tryAt("doubling", now)).toBe(0);
  const blocks: number[] = [];
  for (let i = 0; i < 6; i++) {
    const seconds = await tryAt("doubling", now);
    blocks.push(seconds);
    now += seconds * SECOND;
    expect(await tryAt("doubling", now)).toBe(0);
  }
  expect(blocks).toEqual([30, 60, 120, 240, 300, 300]);
});

test("attempts during a block are not counted, so they cannot make it longer", async () => {
  for (let i = 0; i < 3; i++) await tryAt("hammered", noon);
  for (let i = 0; i < 50; i++) expect(await tryAt("hammered", noon + SECOND)).toBe(29);
  expect(await tryAt("hammered", noon + 30 * SECOND)).toBe(0);
});

test("quiet forgives failures one by one", async () => {
  for (let i = 0; i < 3; i++) await tryAt("quiet", noon);
  const later = noon + 30 * MINUTE;
  for (let i = 0; i < 3; i++) expect(await tryAt("quiet", later)).toBe(0);
  expect(await tryAt("quiet", later)).toBe(30);
});

test("of a hundred attempts at the same moment only the free ones go through", async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => admit(database.db, "parallel", rule, noon)));
  expect(answers.filter((answer) => "ticket" in answer)).toHaveLength(3);
});

test("a ticket given back does not count, and lifts the block that it had set itself", async () => {
  const tickets: Ticket[] = [];
  for (let i = 0; i < 3; i++) {
    const answer = await admit(database.db, "returned", rule, noon);
    if ("ticket" in answer) tickets.push(answer.ticket);
  }
  expect(await tryAt("returned", noon)).toBe(30);
  const [first, , third] = tickets as [Ticket, Ticket, Ticket];
  await giveBack(database.db, first);
  expect(await tryAt("returned", noon)).toBe(30);
  await giveBack(database.db, third);
  expect(await tryAt("returned", noon)).toBe(0);
});

test("a key that is forgotten starts anew", async () => {
  for (let i = 0; i < 3; i++) await tryAt("forgotten", noon);
  await forget(database.db, "forgotten");
  for (let i = 0; i < 3; i++) expect(await tryAt("forgotten", noon)).toBe(0);
});

test("an account is one key however its address is typed, and the address is not stored in clear", () => {
  expect(accountKey(" Dana@Acme.Example ")).toBe(accountKey("dana@acme.example"));
  expect(accountKey("dana@acme.example")).not.toContain("dana");
  expect(accountKey("dana@acme.example", "192.0.2.1")).not.toBe(accountKey("dana@acme.example"));
});

test("all addresses of one IPv6 /64 are one key, of IPv4 each is its own", () => {
  expect(addressKey("2001:db8:0:1::5")).toBe(addressKey("2001:db8:0:1:ffff::9"));
  expect(addressKey("2001:db8:0:1::5")).not.toBe(addressKey("2001:db8:0:2::5"));
  expect(addressKey("::1")).toBe("address:0:0:0:0::/64");
  expect(addressKey("192.0.2.1")).toBe("address:192.0.2.1");
});

test("with the real rule nobody waits more than a quarter of an hour, however long the guessing goes on", async () => {
  let now = noon;
  let longest = 0;
  for (let i = 0; i < 300; i++) {
    const answer = await admit(database.db, "siege", accountRule, now);
    if ("blockedUntil" in answer) {
      longest = Math.max(longest, answer.blockedUntil.getTime() - now);
      now = answer.blockedUntil.getTime();
    }
  }
  expect(longest).toBe(15 * MINUTE);
});
