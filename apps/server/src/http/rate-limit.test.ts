import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("a sender may use a minute's worth at once, then has to wait for the next token", () => {
  let now = 0;
  const limit = new RateLimit(60, () => now);
  for (let request = 0; request < 60; request++) expect(limit.take("a")).toBe(0);
  expect(limit.take("a")).toBeCloseTo(1);
  expect(limit.take("b")).toBe(0);
  now = 1_000;
  expect(limit.take("a")).toBe(0);
  expect(limit.take("a")).toBeGreaterThan(0);
});

test("asking takes nothing", () => {
  const limit = new RateLimit(1, () => 0);
  for (let request = 0; request < 5; request++) expect(limit.wait("a")).toBe(0);
  expect(limit.take("a")).toBe(0);
  expect(limit.wait("a")).toBeGreaterThan(0);
});

test("a limit of 0 is no limit", () => {
  const limit = new RateLimit(0, () => 0);
  for (let request = 0; request < 100; request++) expect(limit.take("a")).toBe(0);
});

test("the memory of senders is bounded", () => {
  const limit = new RateLimit(1, () => 0);
  for (let sender = 0; sender < 60_000; sender++) limit.take(`sender ${sender}`);
  expect(limit.senders).toBe(50_000);
});

test("a clock that goes back gives nothing away", () => {
  let now = 60_000;
  const limit = new RateLimit(1, () => now);
  limit.take("a");
  now = 0;
  expect(limit.take("a")).toBeGreaterThan(0);
});
