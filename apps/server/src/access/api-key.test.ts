import { expect, test } from "vitest";
import { apiKeyHash, apiKeyPrefix, isApiKey, mintApiKey } from "./api-key.ts";

test("a key has its prefix, 43 digits of secret and 6 of checksum, and no two are alike", () => {
  const keys = Array.from({ length: 200 }, mintApiKey);
  for (const key of keys) expect(key).toMatch(/^dbk_[0-9A-Za-z]{49}$/);
  for (const key of keys) expect(isApiKey(key)).toBe(true);
  expect(new Set(keys).size).toBe(200);
});

test("a key with one altered character is refused by its checksum", () => {
  const key = mintApiKey();
  for (let at = 4; at < key.length; at++) {
    const other = key[at] === "A" ? "B" : "A";
    expect(isApiKey(key.slice(0, at) + other + key.slice(at + 1))).toBe(false);
  }
});

test("texts that only resemble a key are refused", () => {
  const key = mintApiKey();
  for (const text of ["", "dbk_", key.slice(0, -1), `${key}0`, ` ${key}`, key.replace("dbk_", "sk_live_"), `${key}\n`])
    expect(isApiKey(text)).toBe(false);
});

test("the prefix that is shown leaves the secret unguessable", () => {
  const key = mintApiKey();
  expect(apiKeyPrefix(key)).toBe(key.slice(0, 10));
  expect(apiKeyHash(key)).toMatch(/^[0-9a-f]{64}$/);
});
