import { expect, test } from "vitest";
import { configWith } from "../config.ts";
import { csrfTokenOf, newSecret, sameSecret, secretHash } from "./secret.ts";
import { readSessionCookie, sessionCookie } from "./session.ts";

test("secrets hold 256 bits and differ", () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  for (const secret of secrets) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  expect(new Set(secrets).size).toBe(100);
  expect(secretHash(secrets[0] ?? "")).toHaveLength(32);
});

test("secrets are compared whole, also when their lengths differ", () => {
  expect(sameSecret("abc", "abc")).toBe(true);
  expect(sameSecret("abc", "abd")).toBe(false);
  expect(sameSecret("abc", "abcd")).toBe(false);
  expect(sameSecret("", "a")).toBe(false);
});

test("comparing takes no longer when more of the secret is right", () => {
  const secret = newSecret().repeat(200);
  const early = `X${secret.slice(1)}`;
  const late = `${secret.slice(0, -1)}X`;
  const time = (other: string) => {
    const started = process.hrtime.bigint();
    for (let i = 0; i < 2_000; i++) sameSecret(secret, other);
    return Number(process.hrtime.bigint() - started);
  };
  time(early);
  time(late);
  const ratios = Array.from({ length: 9 }, () => time(late) / time(early)).sort((a, b) => a - b);
  // A comparison that stops at the first difference is some hundred times slower for `late` than for `early` at this length.
  expect(ratios[4]).toBeGreaterThan(0.6);
  expect(ratios[4]).toBeLessThan(1.6);
});

test("the CSRF token belongs to its session and does not give the session away", () => {
  const token = newSecret();
  expect(csrfTokenOf(token)).toBe(csrfTokenOf(token));
  expect(csrfTokenOf(token)).not.toBe(csrfTokenOf(newSecret()));
  expect(csrfTokenOf(token)).not.toBe(secretHash(token).toString("base64url"));
});

test("the cookie is hidden from scripts, and Secure when the public address is https", () => {
  const token = newSecret();
  const plain = sessionCookie(token, configWith({}), 604_800_000);
  expect(plain).toBe(`daybook_session=${token}; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax`);
  expect(sessionCookie(token, configWith({ publicUrl: "https://log.example" }), 604_800_000)).toMatch(/; Secure$/);
});

test("only our own cookie is read, wherever it stands, and only when it looks like a token", () => {
  const token = newSecret();
  expect(readSessionCookie(`daybook_session=${token}`)).toBe(token);
  expect(readSessionCookie(`a=1; daybook_session=${token}; b=2`)).toBe(token);
  for (const header of [
    undefined,
    "",
    "daybook_session=",
    "daybook_session=short",
    `not_daybook_session=${token}`,
    `a=daybook_session=${token}`,
    `daybook_session=${token}x`,
  ])
    expect(readSessionCookie(header)).toBeUndefined();
});
