import { generateKeyPairSync } from "node:crypto";
import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { once } from "node:events";
import type { DomainCheck } from "@daybook/contract";
import { transportSettingsSchema } from "@daybook/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { dkimRecord } from "./dkim-record.ts";
import { checkDomain } from "./domain-check.ts";
import type { TransportRule } from "./transport-book.ts";

/** Records by name and type; what is not here does not exist. `fail` makes the server answer SERVFAIL. */
type Zone = Record<string, { TXT?: string[]; MX?: [number, string][]; A?: string[]; fail?: true }>;

let zone: Zone = {};
const socket = createSocket("udp4");
const resolver = new Resolver({ timeout: 1_000, tries: 1 });

beforeAll(async () => {
  socket.on("message", (query, from) => socket.send(answer(query), from.port, from.address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
});
afterAll(() => socket.close());

const types: Record<number, "A" | "MX" | "TXT"> = { 1: "A", 15: "MX", 16: "TXT" };

/** A small name server (RFC 1035, 4): one question, its answers from the zone. */
function answer(query: Buffer): Buffer {
  let end = 12;
  const labels: string[] = [];
  for (let length = query[end] ?? 0; length > 0; length = query[end] ?? 0) {
    labels.push(query.toString("latin1", end + 1, end + 1 + length));
    end += length + 1;
  }
  const type = types[query.readUInt16BE(end + 1)];
  const known = zone[labels.join(".").toLowerCase()];
  const records = known === undefined || type === undefined ? [] : (known[type] ?? []);
  const head = Buffer.alloc(12);
  query.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8580 | (known?.fail ? 2 : known === undefined ? 3 : 0), 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  const answers = records.map((record) => {
    const data = dataOf(record);
    const fixed = Buffer.alloc(12);
    fixed.writeUInt16BE(0xc00c, 0);
    query.copy(fixed, 2, end + 1, end + 5);
    fixed.writeUInt16BE(data.length, 10);
    return Buffer.concat([fixed, data]);
  });
  return Buffer.concat([head, query.subarray(12, end + 5), ...answers]);
}

function dataOf(record: string | [number, string]): Buffer {
  if (typeof record !== "string") {
    const priority = Buffer.alloc(2);
    priority.writeUInt16BE(record[0]);
    const name = record[1]
      .split(".")
      .filter(Boolean)
      .map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`));
    return Buffer.concat([priority, ...name, Buffer.of(0)]);
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(record)) return Buffer.from(record.split(".").map(Number));
  const pieces = record.match(/.{1,255}/g) ?? [];
  return Buffer.concat(pieces.map((piece) => Buffer.concat([Buffer.of(piece.length), Buffer.from(piece)])));
}

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
  type: "pkcs8",
  format: "pem",
}) as string;

function transport(host: string, more: Partial<TransportRule> = {}): TransportRule {
  return { ...transportSettingsSchema.omit({ dkim: true }).parse({ host }), name: host, source: "api", ...more };
}

async function check(
  kind: string,
  records: Zone,
  ...transports: TransportRule[]
): Promise<DomainCheck["checks"][number]> {
  zone = records;
  const { checks } = await checkDomain(resolver, "acme.example", transports);
  const found = checks.find((each) => each.kind === kind);
  if (found === undefined) throw new Error(`no check of ${kind}`);
  return found;
}

const relay = transport("mail.acme.example");
const host = { "mail.acme.example": { A: ["192.0.2.10"] } };

test("a domain that has everything passes every check", async () => {
  const dkim = { domain: "acme.example", selector: "d1", privateKey };
  zone = {
    ...host,
    "acme.example": { TXT: ["v=spf1 include:spf.example ~all", "other=1"], MX: [[10, "mail.acme.example"]] },
    "spf.example": { TXT: ["v=spf1 ip4:192.0.2.0/28 -all"] },
    "d1._domainkey.acme.example": { TXT: [dkimRecord(privateKey)] },
    "_dmarc.acme.example": { TXT: ["v=DMARC1; p=quarantine"] },
  };
  const { checks } = await checkDomain(resolver, "acme.example", [{ ...relay, dkim }]);
  expect(checks.map(({ kind, ok }) => [kind, ok])).toEqual([
    ["mx", true],
    ["spf", true],
    ["dkim", true],
    ["dmarc", true],
  ]);
});

test("for a domain that has nothing it is said what to publish", async () => {
  zone = {};
  const { checks } = await checkDomain(resolver, "acme.example", [
    { ...relay, dkim: { domain: "acme.example", selector: "d1", privateKey } },
  ]);
  expect(checks.map(({ ok }) => ok)).toEqual([false, false, false, false]);
  expect(checks.map(({ publish }) => publish)).toEqual([
    "acme.example. MX 10 <your mail server>.",
    'acme.example. TXT "v=spf1 a:mail.acme.example ~all"',
    `d1._domainkey.acme.example. TXT "${dkimRecord(privateKey)}"`,
    '_dmarc.acme.example. TXT "v=DMARC1; p=none; rua=mailto:postmaster@acme.example"',
  ]);
});

test.each<[string, string[], boolean, RegExp]>([
  ["names the host", ["v=spf1 a:mail.acme.example -all"], true, /lets your mail servers send/],
  ["names its address", ["v=spf1 ip4:192.0.2.10 -all"], true, /lets/],
  ["says mx, which is the host", ["v=spf1 mx -all"], true, /lets/],
  ["does not name it", ["v=spf1 ip4:198.51.100.1 -all"], false, /does not name mail\.acme\.example/],
  ["forbids it", ["v=spf1 -ip4:192.0.2.10 ~all"], false, /does not name/],
  ["is there twice", ["v=spf1 mx -all", "v=spf1 a -all"], false, /several/],
  [
    "asks too often",
    [`v=spf1 ${Array.from({ length: 11 }, (_, n) => `a:h${n}.example`).join(" ")} -all`],
    false,
    /more than 10/,
  ],
  ["includes itself", ["v=spf1 include:acme.example mx -all"], true, /lets/],
])("an SPF record that %s", async (_, TXT, ok, what) => {
  const spf = await check("spf", { ...host, "acme.example": { TXT, MX: [[5, "mail.acme.example"]] } }, relay);
  expect(spf).toMatchObject({ ok, what: expect.stringMatching(what) });
});

test("a record is completed, not replaced, and providers are included by their own names", async () => {
  const spf = await check(
    "spf",
    { "acme.example": { TXT: ["v=spf1 mx -all"] } },
    transport("smtp.gmail.com"),
    transport("email-smtp.eu-west-1.amazonaws.com"),
  );
  expect(spf.publish).toBe('acme.example. TXT "v=spf1 include:_spf.google.com include:amazonses.com mx -all"');
  const included = await check(
    "spf",
    { "acme.example": { TXT: ["v=spf1 include:_spf.google.com -all"] } },
    transport("smtp.gmail.com"),
  );
  expect(included.ok).toBe(true);
});

test("a DKIM key that is another, or revoked, is called that; one in several strings is one", async () => {
  const signing = { ...relay, dkim: { domain: "acme.example", selector: "d1", privateKey } };
  const name = "d1._domainkey.acme.example";
  const other = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({
    type: "pkcs8",
    format: "pem",
  }) as string;
  expect((await check("dkim", { [name]: { TXT: [dkimRecord(other)] } }, signing)).what).toContain("Another key");
  expect((await check("dkim", { [name]: { TXT: ["v=DKIM1; p="] } }, signing)).what).toContain("revoked");
  expect((await check("dkim", { [name]: { TXT: [dkimRecord(privateKey)] } }, signing)).ok).toBe(true);
  expect((await check("dkim", {}, relay)).what).toContain("does not sign");
});

test("the DMARC policy of the domain above holds; two records count as none", async () => {
  zone = { "_dmarc.acme.example": { TXT: ["v=DMARC1; p=reject"] } };
  const { checks } = await checkDomain(resolver, "mail.acme.example", []);
  expect(checks.at(-1)).toMatchObject({ ok: true, what: "The policy of acme.example holds: p=reject." });
  const twice = await check("dmarc", { "_dmarc.acme.example": { TXT: ["v=DMARC1; p=none", "v=DMARC1; p=reject"] } });
  expect(twice).toMatchObject({ ok: false, what: expect.stringContaining("several") });
});

test("a domain that refuses mail is told apart from one without MX", async () => {
  expect(await check("mx", { "acme.example": { MX: [[0, ""]] } })).toMatchObject({
    ok: false,
    what: expect.stringContaining("takes no mail (RFC 7505)"),
  });
  expect(await check("mx", { "acme.example": { A: ["192.0.2.1"] } })).toMatchObject({ ok: true });
});

test("a name server that fails is said to have failed, not the record to be missing", async () => {
  const spf = await check("spf", { "acme.example": { fail: true } }, relay);
  expect(spf).toMatchObject({ ok: false, what: expect.stringContaining("did not answer") });
  expect(spf.publish).toBeUndefined();
});
