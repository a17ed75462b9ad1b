import { parseOptions } from "@node-rs/argon2";
import { expect, test } from "vitest";
import { checkPassword, hashPassword, nobodysHash, passwordFits } from "./password.ts";

const good = "a lamp behind the harbour";

test("a password fits its own hash and no other does", async () => {
  const hash = await hashPassword(good);
  expect(await passwordFits(hash, good)).toBe(true);
  expect(await passwordFits(hash, `${good} `)).toBe(false);
  expect(await passwordFits(hash, "")).toBe(false);
});

test("a password typed on another keyboard, in another Unicode form, is the same password", async () => {
  const hash = await hashPassword("caf\u00e9 at the harbour");
  expect(await passwordFits(hash, "cafe\u0301 at the harbour")).toBe(true);
});

test("hashes are argon2id with OWASP's parameters, and nobody's hash costs the same", async () => {
  const made = parseOptions(await hashPassword(good));
  expect(made).toMatchObject({
    algorithm: 2,
    memoryCost: 19_456,
    timeCost: 2,
    parallelism: 1,
    outputLen: 32,
    saltLen: 16,
  });
  expect(parseOptions(nobodysHash)).toEqual(made);
});

test("no password fits an account without one, and the answer takes as long as a real check", async () => {
  const hash = await hashPassword(good);
  const time = async (against: string | null) => {
    const started = performance.now();
    expect(await passwordFits(against, "something else entirely")).toBe(false);
    return performance.now() - started;
  };
  const runs = 15;
  const real: number[] = [];
  const nobody: number[] = [];
  for (let i = 0; i < runs; i++) {
    real.push(await time(hash));
    nobody.push(await time(null));
  }
  const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0;
  expect(median(nobody) / median(real)).toBeGreaterThan(0.5);
  expect(median(nobody) / median(real)).toBeLessThan(2);
});

test("of many sign-ins at once most wait, and past the limit they are told to come again", async () => {
  const before = process.memoryUsage.rss();
  const all = await Promise.allSettled(Array.from({ length: 150 }, () => passwordFits(null, good)));
  const refused = all.filter((one) => one.status === "rejected");
  expect(refused).toHaveLength(48);
  for (const one of refused)
    expect(one.reason).toMatchObject({ code: "overloaded", options: { retryAfterSeconds: 2 } });
  // Two of 19 MiB at a time; 150 at once would take 2.8 GiB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 1024 * 1024);
  expect(await passwordFits(null, good)).toBe(false);
});

test("short, common and self-made passwords are refused; long plain words are not", () => {
  const refused = (password: string, ...about: string[]) =>
    expect(() => checkPassword(password, about)).toThrowError(expect.objectContaining({ code: "weak_password" }));
  refused("elevenchars");
  refused("x".repeat(257));
  refused("aaaaaaaaaaaaaaaa");
  refused("Password1234");
  refused("correct-horse-battery-staple");
  refused("dana.winters1", "dana.winters@acme.example");
  refused("dana.winters@acme.example", "dana.winters@acme.example");
  checkPassword("onlysmallletterswithoutanydigit", ["dana@acme.example"]);
  checkPassword("dana walked to the harbour", ["dana@acme.example", "Dana"]);
});
