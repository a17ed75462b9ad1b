import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig, publicAddress, settingNames } from "./config.ts";
import { settings } from "./settings.ts";

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "daybook-config-"));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

function file(content: unknown): void {
  writeFileSync(join(cwd, "daybook.config.json"), typeof content === "string" ? content : JSON.stringify(content));
}

test("a flag beats the environment, which beats the file, which beats the default", () => {
  file({ port: 5001, host: "10.0.0.1", role: "api" });
  const env = { DAYBOOK_PORT: "5002", DAYBOOK_HOST: "10.0.0.2" };
  const { config, origin } = loadConfig({ env, flags: { port: "5003" }, cwd });
  expect([config.port, config.host, config.role, config.logLevel]).toEqual([5003, "10.0.0.2", "api", "info"]);
  expect([origin.port, origin.host, origin.role, origin.logLevel]).toEqual(["flag", "environment", "file", "default"]);
});

test("a relative path starts from the config file's directory, or from the current one", () => {
  file({ data: "store" });
  expect(loadConfig({ env: {}, cwd }).config.data).toBe(join(cwd, "store"));
  expect(loadConfig({ env: { DAYBOOK_DATA: "other" }, cwd }).config.data).toBe(join(cwd, "other"));
});

test("an empty variable is as good as none", () => {
  expect(loadConfig({ env: { DATABASE_URL: "", DAYBOOK_PORT: "" }, cwd }).config).toMatchObject({ port: 4600 });
});

test("a list is written with commas, or as a list in the file", () => {
  expect(loadConfig({ env: { DAYBOOK_TRUSTED_PROXIES: "10.0.0.0/8, ::1" }, cwd }).config.trustedProxies).toEqual([
    "10.0.0.0/8",
    "::1",
  ]);
  file({ trustedProxies: ["10.0.0.1", "10.0.0.2"] });
  expect(loadConfig({ env: {}, cwd }).config.trustedProxies).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test("what cannot be read says where it was set and what was expected", () => {
  expect(() => loadConfig({ env: { DAYBOOK_PORT: "http" }, cwd })).toThrow(/DAYBOOK_PORT: "http".*whole number/);
  expect(() => loadConfig({ env: { DAYBOOK_ROLE: "both" }, cwd })).toThrow(/api, worker, all/);
  file({ prot: 4600 });
  expect(() => loadConfig({ env: {}, cwd })).toThrow(/no setting "prot"/);
  file("{");
  expect(() => loadConfig({ env: {}, cwd })).toThrow(/is not JSON/);
});

test("hosts that may be called are names, addresses and blocks, and nothing that only looks like one", () => {
  const read = (text: string) => loadConfig({ env: { DAYBOOK_ALLOWED_HOSTS: text }, cwd }).config.allowedHosts;
  expect(read("panel.internal, 10.1.0.0/16,fd12::/48")).toEqual(["panel.internal", "10.1.0.0/16", "fd12::/48"]);
  for (const wrong of ["10.1.0.0/99", "https://panel.internal", "10.1.0/16"])
    expect(() => read(wrong)).toThrow(/DAYBOOK_ALLOWED_HOSTS.*such as 10\.1\.0\.0\/16/);
});

test("a secret is not repeated in the error", () => {
  expect(() => loadConfig({ env: { DATABASE_URL: "mysql://root:hunter2@db" }, cwd })).toThrow(
    /^(?!.*hunter2).*DATABASE_URL/s,
  );
});

test("a config file that was named must be there", () => {
  expect(() => loadConfig({ env: { DAYBOOK_CONFIG: "gone.json" }, cwd })).toThrow(/gone\.json cannot be read/);
});

test("the address of a server on all interfaces is one that can be opened", () => {
  const { config } = loadConfig({ env: { DAYBOOK_HOST: "::" }, cwd });
  expect(publicAddress(config)).toBe("http://127.0.0.1:4600");
  expect(publicAddress({ ...config, host: "::1" })).toBe("http://[::1]:4600");
  expect(publicAddress({ ...config, publicUrl: "https://log.example.org" })).toBe("https://log.example.org");
});

test("every setting has an environment variable, a flag named after it and a line of explanation", () => {
  for (const name of settingNames()) {
    const { env, flag, doc } = settings[name];
    expect(env).toMatch(/^(DAYBOOK_[A-Z_]+|DATABASE_URL)$/);
    const dashed = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(flag).toMatch(new RegExp(`^--${dashed} <`));
    expect(doc).toMatch(/\.$/);
  }
});
