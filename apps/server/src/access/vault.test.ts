import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Vault, VaultError } from "./vault.ts";

let data: string;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "daybook-vault-"));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const plain = Buffer.from("reset your password: https://panel.example/reset/3f9c");

test("what is sealed is not readable, and opens to what it was, also for another server of the same key", () => {
  const sealed = new Vault({ data }).seal("mail_outbox/1/a", plain);
  expect(sealed.includes("reset")).toBe(false);
  expect(new Vault({ data }).open("mail_outbox/1/a", sealed)).toEqual(plain);
  expect(statSync(join(data, "keys", "secret.key")).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(data, "keys"))).toEqual(["secret.key"]);
});

test("it opens at its place only, and not when a bit was changed", () => {
  const vault = new Vault({ data, secretKey: "a key of the installation" });
  const sealed = vault.seal("mail_outbox/1/a", plain);
  expect(vault.open("mail_outbox/1/a", sealed)).toEqual(plain);
  expect(() => vault.open("mail_outbox/2/a", sealed)).toThrow(VaultError);
  for (const at of [0, 1, 13, 40]) {
    const altered = Buffer.from(sealed);
    altered.writeUInt8(altered.readUInt8(at) ^ 1, at);
    expect(() => vault.open("mail_outbox/1/a", altered)).toThrow("cannot be read");
  }
  expect(() => vault.open("mail_outbox/1/a", Buffer.alloc(3))).toThrow(VaultError);
});

test("another key does not open it, and a broken key file is not overwritten", () => {
  const sealed = new Vault({ data, secretKey: "one" }).seal("p", plain);
  expect(() => new Vault({ data, secretKey: "two" }).open("p", sealed)).toThrow("DAYBOOK_SECRET_KEY");
  new Vault({ data }).seal("p", plain);
  writeFileSync(join(data, "keys", "secret.key"), "short\n");
  expect(() => new Vault({ data }).seal("p", plain)).toThrow("holds no key");
  expect(readFileSync(join(data, "keys", "secret.key"), "utf8")).toBe("short\n");
});
