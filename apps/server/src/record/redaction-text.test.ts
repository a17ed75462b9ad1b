import type { EventInput, Json } from "@daybook/contract";
import { describe, expect, test } from "vitest";
import { defaultRedactionRules, redactEvent } from "./redaction.ts";

const event = (part: Partial<EventInput>): EventInput => ({ action: "server.updated", ...part });
const details = (value: Json) => redactEvent(event({ details: value }), defaultRedactionRules).event.details;
const text = (value: string) => details({ text: value }) as { text: string };

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
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:database",
    "chpasswd[3093]: pam_unix(chpasswd:chauthtok): user does not exist",
    "SPF_PASS=-0.001,HTML=1",
    "bounce-89_HTML-251857221-3472920-7200351-194@bounce.example",
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
    const id = "AKIAIOSFODNN7EXAMPLE";
    expect(details({ credentials: { accessKeyId: id, secretAccessKey: "wJalr" }, accessKeyId: id })).toEqual({
      credentials: { accessKeyId: id, secretAccessKey: "[redacted]" },
      accessKeyId: id,
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
});
