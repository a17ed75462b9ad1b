import type { EventInput, Json } from "@daybook/contract";
import { describe, expect, test } from "vitest";
import { defaultRedactionRules, RedactionRules, redactEvent } from "./redaction.ts";

const event = (part: Partial<EventInput>): EventInput => ({ action: "server.updated", ...part });
const redact = (part: Partial<EventInput>, sensitive?: string[]) =>
  redactEvent(event(part), defaultRedactionRules, sensitive);
const details = (value: Json) => redact({ details: value }).event.details;
const text = (value: string) => details({ text: value }) as { text: string };

describe("by the name of a field", () => {
  test("a secret goes at any depth, and what stands beside it stays", () => {
    expect(details({ a: [{ b: { "Set-Cookie": "sid=1", c: 1 } }] })).toEqual({
      a: [{ b: { "Set-Cookie": "[redacted]", c: 1 } }],
    });
  });

  test("a number is a secret under a secret name, a count is none", () => {
    expect(details({ pin: 1234, tokens: 1500 })).toEqual({ pin: "[redacted]", tokens: 1500 });
  });

  test("nothing, yes and no are no secrets", () => {
    const value = { password: null, token: true, secret: "" };
    expect(details(value)).toBe(value);
  });

  test("an object under a secret name goes whole, one that tells harmless things keeps them", () => {
    expect(details({ password: { old: "a", new: "b" } })).toEqual({ password: "[redacted]" });
    expect(details({ card: { brand: "visa", number: "1", cvc: 2, last4: "4242", exp_year: 2030 } })).toEqual({
      card: { brand: "visa", number: "[redacted]", cvc: "[redacted]", last4: "4242", exp_year: 2030 },
    });
    expect(details({ token: { id: "t1", name: "CI", value: "x" } })).toEqual({
      token: { id: "t1", name: "CI", value: "[redacted]" },
    });
    expect(details({ tokens: ["a", { value: "b" }] })).toEqual({ tokens: ["[redacted]", { value: "[redacted]" }] });
  });

  test("a value goes by the name that stands beside it", () => {
    expect(
      details({
        env: [
          { key: "DB_PASSWORD", value: "x" },
          { key: "HOST", value: "db" },
        ],
      }),
    ).toEqual({
      env: [
        { key: "DB_PASSWORD", value: "[redacted]" },
        { key: "HOST", value: "db" },
      ],
    });
    expect(
      details({
        headers: [
          ["Authorization", "Digest x"],
          ["accept", "x"],
        ],
      }),
    ).toEqual({
      headers: [
        ["Authorization", "[redacted]"],
        ["accept", "x"],
      ],
    });
  });

  test("a list of names is not a secret", () => {
    const value = { required: ["password", "email"], pair: ["password", "email"] };
    expect(details(value)).toBe(value);
  });

  test("the names of an action are secret in that action alone", () => {
    expect(redact({ details: { value: "x", other: 1 } }, ["value"]).event.details).toEqual({
      value: "[redacted]",
      other: 1,
    });
    expect(details({ value: "x" })).toEqual({ value: "x" });
  });

  test("an operator adds names and takes names out", () => {
    const rules = new RedactionRules({ extraFields: ["ssn", "Tax Number"], keptFields: ["next_token"] });
    const value = { customerSsn: "1", tax_number: "2", nextToken: "3", token: "4" };
    expect(redactEvent(event({ details: value }), rules).event.details).toEqual({
      customerSsn: "[redacted]",
      tax_number: "[redacted]",
      nextToken: "3",
      token: "[redacted]",
    });
  });
});

describe("a changed secret", () => {
  test("is only said to have changed", () => {
    const changes = [
      { field: "user.password", old: "a", new: "b" },
      { field: "apiKey", new: "x" },
      { field: "memoryMb", old: 1, new: 2 },
    ];
    expect(redact({ changes }).event.changes).toEqual([
      { field: "user.password", changed: true },
      { field: "apiKey", changed: true },
      { field: "memoryMb", old: 1, new: 2 },
    ]);
  });

  test("is found inside the old and the new value too", () => {
    const changes = [{ field: "env", old: { DB_PASSWORD: "a", A: 1 }, new: null }];
    expect(redact({ changes }).event.changes).toEqual([
      { field: "env", old: { DB_PASSWORD: "[redacted]", A: 1 }, new: null },
    ]);
  });

  test("that left nothing else to see is a change as well", () => {
    const changes = [{ field: "databaseUrl", old: "pg://u:one@h/d", new: "pg://u:two@h/d" }];
    expect(redact({ changes }).event.changes).toEqual([{ field: "databaseUrl", changed: true }]);
  });

  test("whether a secret is set may be told", () => {
    const changes = [{ field: "password", old: false, new: true }];
    expect(redact({ changes }).event.changes).toEqual(changes);
  });
});

describe("by what a text looks like", () => {
  test.each([
    ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest", "[redacted]\nrest"],
    ["cut -----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "cut [redacted]"],
    ["jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl end", "jwt [redacted] end"],
    ["Authorization: Bearer abc.def-123 sent", "Authorization: Bearer [redacted] sent"],
    ["sent Basic ZGFuYTpodW50ZXIy", "sent Basic [redacted]"],
    ["Authorization: Digest username=dana, response=1", "Authorization: [redacted]"],
    ["Cookie: a=b; c=d\nHost: x", "Cookie: [redacted]\nHost: x"],
    ["pay 4111 1111 1111 1111 exp 12/27", "pay [redacted] exp 12/27"],
    ["pay 5555-5555-5555-4444, 378282246310005", "pay [redacted], [redacted]"],
    ["20 4111 1111 1111 1111", "20 [redacted]"],
    ["mysql://root:s3cr3t@db:3306/x", "mysql://root:[redacted]@db:3306/x"],
    ["redis://:p@ss@r:6379 and amqp://u:p/w@h", "redis://:[redacted]@r:6379 and amqp://u:[redacted]@h"],
    ["https://h.example/x?token=abc&y=1#z", "https://h.example/x?token=[redacted]&y=1#z"],
    [
      "https://s3.example/x?X-Amz-Signature=ab&X-Amz-Credential=c&ok=1",
      "https://s3.example/x?X-Amz-Signature=[redacted]&X-Amz-Credential=[redacted]&ok=1",
    ],
    ["key AKIAIOSFODNN7EXAMPLE used", "key [redacted] used"],
    ["ghp_abcdefghijklmnopqrstuvwxyz0123456789", "[redacted]"],
    ["sk_live_abcdefghijklmnop dbk_abcdefghijklmnop1234", "[redacted] [redacted]"],
    ["ptla_abcdefghijklmnopqrstuvwxyz0123456789abcdefg", "[redacted]"],
    ["hash $2y$10$abcdefghijklmnopqrstuv", "hash [redacted]"],
    ["PGPASSWORD=abc pg_dump --token x1 -v", "PGPASSWORD=[redacted] pg_dump --token [redacted] -v"],
    ['run --password "two words" --user x', "run --password [redacted] --user x"],
    ["user[password]=a&user%5Btoken%5D=b", "user[password]=[redacted]&user%5Btoken%5D=[redacted]"],
    ["Server=x;Password=p;Port=1", "Server=x;Password=[redacted];Port=1"],
    ["Your password: hunter2", "Your password: [redacted]"],
    [
      'body={"password":"x\\"y","a":1} cut {"apiKey":"z',
      'body={"password":"[redacted]","a":1} cut {"apiKey":"[redacted]',
    ],
  ])("%j becomes %j", (before, after) => {
    expect(text(before)).toEqual({ text: after });
    expect(text(after)).toEqual({ text: after });
  });

  test.each([
    "Password: must be 12 characters",
    "The token is invalid; token: expired",
    "Bearer authentication required for the Basic plan",
    "PWD=/home/ubuntu ; USER=root ; COMMAND=/bin/ls",
    "session opened for user root by (uid=0)",
    "call +4915123456789 or 0049 30 123456",
    "41111111-1111-4111-8111-111111111111",
    "1700000000000 4398046511104 1180591620717411303424",
    "4111111111111112 is no card: it fails Luhn",
    "https://user@host.example:8080/path@v2?tokenCount=5&page=2",
    "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ dana@laptop",
    "arn:aws:iam::123456789012:user/dana",
    "minecraft:latest on node:3, sha256:9f86d081884c7d659a2feaa0c55ad015",
  ])("%j stays as it is", (value) => {
    expect(text(value)).toEqual({ text: value });
  });

  test("a card as a number goes, times and bytes stay", () => {
    expect(details({ n: 4111111111111111, bytes: 4398046511104, at: 1700000000000 })).toEqual({
      n: "[redacted]",
      bytes: 4398046511104,
      at: 1700000000000,
    });
  });

  test("a JSON document in a string is gone through, whatever escapes it uses", () => {
    const inner = JSON.stringify({ apiKey: "zzz-1", n: 1 });
    expect(details({ body: JSON.stringify({ inner }) })).toEqual({
      body: JSON.stringify({ inner: inner.replace("zzz-1", "[redacted]") }),
    });
    expect(details({ body: '{"pass\\u0077ord":"x","big":12345678901234567890}' })).toEqual({
      body: '{"password":"[redacted]","big":12345678901234567890}',
    });
  });

  test("the id of an AWS key tells who acted and stays, its secret goes", () => {
    expect(details({ accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalr" })).toEqual({
      accessKeyId: "AKIAIOSFODNN7EXAMPLE",
      secretAccessKey: "[redacted]",
    });
  });

  test("it is looked for in every string of the event", () => {
    const key = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";
    const everywhere = event({
      actor: { type: "user", id: key, name: key, email: key },
      onBehalfOf: { type: "user", name: key },
      targets: [{ type: "server", id: key, name: key, ownerId: key }],
      project: key,
      origin: { ip: null, userAgent: key, sessionId: key, requestId: key },
      reason: key,
      changes: [{ field: key, old: key, new: 1 }],
      details: { [key]: [key] },
    });
    const { event: clean, counts } = redactEvent(everywhere, defaultRedactionRules);
    expect(JSON.stringify(clean)).not.toContain("ghp_");
    expect(counts.get("provider_key")).toBe(14);
  });
});

describe("what redaction leaves", () => {
  test("an event without a secret is the same object and counts nothing", () => {
    const plain = event({
      actor: { type: "user", name: "Dana" },
      details: { plan: "XL", nested: [{ a: "b" }] },
      changes: [{ field: "a", old: 1, new: 2 }],
    });
    const { event: clean, counts } = redactEvent(plain, defaultRedactionRules);
    expect(clean).toBe(plain);
    expect(counts.size).toBe(0);
  });

  test("what it is given is never changed", () => {
    const given = event({
      details: { a: { password: "x" }, list: [{ token: "y" }] },
      changes: [{ field: "pin", old: 1, new: 2 }],
    });
    const before = structuredClone(given);
    redactEvent(given, defaultRedactionRules);
    expect(given).toEqual(before);
  });

  test("every strike is counted by its rule", () => {
    const { counts } = redact({ details: { password: "a", db: { password: "b" }, text: "4111111111111111" } });
    expect(Object.fromEntries(counts)).toEqual({ password: 2, card_number: 1 });
  });

  test("a member called __proto__ is a member like any other", () => {
    const value = JSON.parse('{"__proto__":{"password":"x"},"a":1}') as Json;
    expect(JSON.stringify(details(value))).toBe('{"__proto__":{"password":"[redacted]"},"a":1}');
  });

  test("the longest text is gone through in time that grows with its length alone", () => {
    const attacks = [
      "eyJ",
      "eyJaaaaaaaaaa.",
      "://a:",
      "://a:b",
      "-----BEGIN ",
      "-----BEGIN PRIVATE KEY-----",
      "password=",
      "password: ",
      '"password":"',
      "pin=[",
      "--token ",
      "1 ",
      "4111 ",
      "1",
      "Bearer ",
      "Basic aaaaaa",
      "$2y$",
      "sk-",
      "a",
      "a.",
      "_",
      "=",
      ":",
      '\\"',
      "[",
      "{",
      '{"a":',
      '["',
      "AKIA",
      "a-",
      "key-0",
      "SG.a",
      "&sig=",
      "'",
      " ",
      "\t:",
      "mysql -p",
    ];
    for (const attack of attacks) {
      const long = attack.repeat(Math.ceil(65_536 / attack.length)).slice(0, 65_536);
      for (const ending of ["", "!", "x", '"']) {
        const started = process.cpuUsage().user;
        text(long + ending);
        expect((process.cpuUsage().user - started) / 1000, `${JSON.stringify(attack)} × n + ${ending}`).toBeLessThan(
          500,
        );
      }
    }
  });

  test("a document that is nested without end is cut, not followed", () => {
    const deep = `${"[".repeat(30_000)}"x"${"]".repeat(30_000)}`;
    expect(text(deep).text.length).toBeLessThan(200);
  });
});
