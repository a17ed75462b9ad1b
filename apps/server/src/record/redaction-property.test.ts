import type { EventInput, Json } from "@daybook/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultRedactionRules, redactEvent } from "./redaction.ts";

const names =
  "password passwd secret token authorization cookie api_key private_key cvv otp totp access_token client_secret card_number refresh_token credentials pin".split(
    " ",
  );

/** One name in any style a client may write it in. */
const spelling = fc
  .tuple(
    fc.constantFrom(...names),
    fc.constantFrom<(words: string[]) => string>(
      (words) => words.join("_"),
      (words) => words.join("-"),
      (words) => words.join("."),
      (words) => words.join(" "),
      (words) => words.join("_").toUpperCase(),
      (words) => words.map((word, at) => (at === 0 ? word : capital(word))).join(""),
      (words) => words.map(capital).join(""),
      (words) => words.map(capital).join("-"),
    ),
    fc.constantFrom("", "user_", "db_", "old_", "x_", "customer_billing_"),
  )
  .map(([name, style, prefix]) => style(`${prefix}${name}`.split("_")));
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** What a secret could be: marked, so that it is found again wherever it survived. */
const secret = fc.stringMatching(/^[A-Za-z0-9!$%*+/.@~^#?=:|()_-]{1,30}$/).map((text) => `s3cr3t${text}`);

/** Values without a secret: words of this list name none. */
const harmlessKey = fc.constantFrom(
  "plan",
  "memoryMb",
  "node",
  "tokenCount",
  "region",
  "cardBrand",
  "secretary",
  "list",
  "passwordChangedAt",
);
const harmless = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>("eu-west", "mc-lobby-04", "customer upgrade", "", "10:20:30", "2026-11-20", "Lobby XL"),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(harmlessKey, tie("value"), { maxKeys: 4 }),
  ),
})).value;

/** Wraps a value in objects and arrays. */
const wrapping = fc.array(fc.oneof(harmlessKey, fc.constant(0)), { maxLength: 8 });
const wrap = (value: Json, around: (string | number)[]): Json =>
  around.reduce<Json>((inner, step) => (typeof step === "number" ? [1, inner] : { [step]: inner, plan: "XL" }), value);

const redact = (event: EventInput) => redactEvent(event, defaultRedactionRules);

describe("redaction", () => {
  test("never lets a secret survive, at any depth, under any spelling of its name", () => {
    fc.assert(
      fc.property(spelling, secret, wrapping, fc.nat(2), (name, value, around, json) => {
        let details = wrap({ [name]: value }, around);
        for (let level = 0; level < json; level++) details = { body: JSON.stringify(details) };
        expect(JSON.stringify(redact({ action: "a.b", details }).event)).not.toContain("s3cr3t");
      }),
      { numRuns: 500 },
    );
  });

  test("never lets a changed secret survive", () => {
    fc.assert(
      fc.property(spelling, secret, secret, (name, old, now) => {
        const { event } = redact({ action: "a.b", changes: [{ field: `user.${name}`, old, new: now }] });
        expect(event.changes).toEqual([{ field: `user.${name}`, changed: true }]);
      }),
    );
  });

  test("never lets a password in an address, an assignment, or a header survive in a text", () => {
    const forms: ((value: string) => string)[] = [
      (value) => `postgres://dana:${value.replace(/[/@?#]/g, "")}@db.example:5432/app`,
      (value) => `https://h.example/a?page=2&access_token=${value.replace(/[&#]/g, "")}&x=1`,
      (value) => `export API_KEY="${value}"`,
      (value) => `log line {"password": "${value}", "user": "dana"} …`,
      (value) => `curl -H 'X-Api-Key: ${value}' h`,
      (value) => `run --client-secret ${value} now`,
      (value) => `Authorization: Bearer ${value.replace(/[^A-Za-z0-9]/g, "")}`,
    ];
    fc.assert(
      fc.property(fc.constantFrom(...forms), secret, fc.constantFrom("", "before ", "x, "), (form, value, before) => {
        const line = before + form(value);
        const { event } = redact({ action: "a.b", reason: line, details: [line] });
        expect(JSON.stringify(event)).not.toContain("s3cr3t");
      }),
      { numRuns: 500 },
    );
  });

  test("leaves everything else as it was, as the same object", () => {
    fc.assert(
      fc.property(harmless, (details) => {
        const event: EventInput = { action: "a.b", details };
        expect(redact(event).event).toBe(event);
      }),
      { numRuns: 300 },
    );
  });

  test("leaves what stands beside a secret as it was", () => {
    fc.assert(
      fc.property(spelling, secret, harmless, (name, value, beside) => {
        const { event } = redact({ action: "a.b", details: { beside, [name]: value } });
        expect(event.details).toEqual({ beside, [name]: "[redacted]" });
      }),
      { numRuns: 300 },
    );
  });

  test("done twice is done once", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string({ unit: "binary" })), spelling, secret, (any, name, value) => {
        const details = { any, text: `${name}=${value} ${name}: ${value}`, [name]: value } as Json;
        const once = redact({ action: "a.b", reason: `${name}=${value}`, details }).event;
        const twice = redact(once);
        expect(twice.event).toBe(once);
        expect(twice.counts.size).toBe(0);
      }),
      { numRuns: 500 },
    );
  });
});
