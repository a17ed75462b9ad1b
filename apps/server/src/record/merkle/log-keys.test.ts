import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LogKeys } from "./log-keys.ts";
import { formatVerifierKey, noteSigner, parseNote, signNote, verifyNote } from "./note.ts";
import { formatSignerKey, parseSignerKey } from "./signer-key.ts";

const NOW = Date.UTC(2026, 10, 20);

describe("the keys of the log", () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), "daybook-keys-"));
  });
  afterEach(() => rmSync(data, { recursive: true }));
  const mode = (path: string): string => (statSync(join(data, path)).mode & 0o777).toString(8);

  it("are made once, for the server alone", () => {
    expect(new LogKeys({ data }).verifiers("main")).toEqual([]);
    const signer = new LogKeys({ data }).signer("main");
    expect(signer.name).toMatch(/^daybook\/[0-9a-f]{8}\/main$/);
    expect([mode("keys"), mode("keys/log.key"), mode("keys/log-public.txt")]).toEqual(["700", "600", "600"]);
    const again = new LogKeys({ data });
    expect(again.signer("main").keyId).toBe(signer.keyId);
    expect(again.verifiers("main").map((key) => key.verifier.keyId)).toEqual([signer.keyId]);
  });

  it("are another verifier key for each workspace, of one private key", () => {
    const keys = new LogKeys({ data });
    const [main, demo] = [keys.signer("main"), keys.signer("demo")];
    expect(demo.name).toBe(main.name.replace("main", "demo"));
    expect(demo.keyId).not.toBe(main.keyId);
    expect(demo.publicKey).toEqual(main.publicKey);
  });

  it("can be changed while a server runs; the old public key stays listed and the old private key is gone", () => {
    const running = new LogKeys({ data });
    const old = running.signer("main");
    const note = signNote("text\n", [old]);
    const { before, after, setting } = new LogKeys({ data }).rotate(NOW);
    expect(setting).toBeUndefined();
    expect(before.publicKey).toEqual(old.publicKey);
    expect(running.signer("main").publicKey).toEqual(after.publicKey);
    const verifiers = running.verifiers("main");
    expect(verifiers.map((key) => key.verifier.publicKey)).toEqual([old.publicKey, after.publicKey]);
    expect(verifiers[1]?.since).toBe("2026-11-20T00:00:00.000Z");
    expect(
      verifyNote(
        parseNote(note),
        verifiers.map((key) => key.verifier),
      ),
    ).toHaveLength(1);
    expect(readdirSync(join(data, "keys")).sort()).toEqual(["log-public.txt", "log.key"]);
    const { seed } = parseSignerKey(readFileSync(join(data, "keys", "log.key"), "utf8"));
    expect(noteSigner("x", seed).publicKey).toEqual(after.publicKey);
  });

  it("are taken from DAYBOOK_LOG_KEY without touching the disk, with earlier ones after it", () => {
    const [first, second] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    const [one, two] = [noteSigner("daybook/0badcafe", first), noteSigner("daybook/0badcafe", second)];
    const keys = new LogKeys({ data, logKey: formatSignerKey(one, first) });
    expect(keys.signer("main").publicKey).toEqual(one.publicKey);
    const later = new LogKeys({ data, logKey: `${formatSignerKey(two, second)}, ${formatVerifierKey(one)}` });
    expect(later.signer("main").publicKey).toEqual(two.publicKey);
    expect(later.verifiers("main").map((key) => key.verifier.publicKey)).toEqual([one.publicKey, two.publicKey]);
    const { setting = "", after } = later.rotate(NOW);
    const next = new LogKeys({ data, logKey: setting });
    expect(next.signer("main").publicKey).toEqual(after.publicKey);
    expect(next.verifiers("main").map((key) => key.verifier.publicKey)).toEqual([
      one.publicKey,
      two.publicKey,
      after.publicKey,
    ]);
    expect(later.signer("main").publicKey).toEqual(two.publicKey);
    expect(readdirSync(data)).toEqual([]);
  });

  it("are refused when damaged, without telling them", () => {
    const seed = Buffer.alloc(32, 9);
    const line = formatSignerKey(noteSigner("daybook/0badcafe", seed), seed);
    expect(parseSignerKey(`${line}\n`)).toEqual({ name: "daybook/0badcafe", seed });
    for (const wrong of ["", line.slice(0, -6), line.replace("0badcafe", "0badcaff"), "PRIVATE+KEY+a+00000000+AAAA"]) {
      expect(() => parseSignerKey(wrong), wrong).toThrow(
        /^The private key of the log (is damaged|does not fit its id)\.$/,
      );
    }
    new LogKeys({ data }).signer("main");
    writeFileSync(join(data, "keys", "log.key"), "nonsense\n");
    expect(() => new LogKeys({ data }).signer("main")).toThrow("is damaged");
  });

  it("signs with the old key when a change was interrupted half way", () => {
    const keys = new LogKeys({ data });
    const old = keys.signer("main");
    const kept = readFileSync(join(data, "keys", "log.key"));
    keys.rotate(NOW);
    writeFileSync(join(data, "keys", "log.key"), kept);
    const after = new LogKeys({ data });
    expect(after.signer("main").publicKey).toEqual(old.publicKey);
    expect(after.verifiers("main").at(-1)?.verifier.publicKey).toEqual(old.publicKey);
    expect(after.verifiers("main")).toHaveLength(2);
  });
});
