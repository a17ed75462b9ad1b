import fc from "fast-check";
import PostalMime from "postal-mime";
import { expect, test } from "vitest";
import { buildMime, type MimeParts } from "./mime.ts";
import { quotedPrintable } from "./mime-bytes.ts";

const parts = (more: Partial<MimeParts>): MimeParts => ({
  from: { address: "panel@host.example", name: "Heronfield" },
  to: { address: "dana@acme.example" },
  subject: "Hello",
  messageId: "1@host.example",
  dateMs: Date.parse("2026-11-21T10:00:00.000Z"),
  headers: [],
  attachments: [],
  ...more,
});

const line = fc.string({ unit: "grapheme", maxLength: 200 });
const lines = fc
  .array(line, { maxLength: 8 })
  .chain((some) => fc.constantFrom("\n", "\r\n", "\r").map((end) => some.join(end)));

test("whatever it says, a message has lines that end in CRLF, of at most 998 bytes (RFC 5322, 2.1.1)", () => {
  fc.assert(
    fc.property(lines, lines, fc.uint8Array({ maxLength: 300 }), (text, html, bytes) => {
      const attachments = [{ filename: "a.bin", contentType: "application/octet-stream", content: Buffer.from(bytes) }];
      const mime = buildMime(parts({ text, html, attachments })).toString("latin1");
      expect(mime.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
      expect(Math.max(...mime.split("\r\n").map(({ length }) => length))).toBeLessThanOrEqual(998);
    }),
    { numRuns: 100 },
  );
});

test("what it says comes out as it went in", async () => {
  const text = `Grüße aus Zürich — 20 € für 🦊.\n.\nFrom here on\n${"long ".repeat(300)}`;
  const html = `<p title="a=b">${text}</p>`;
  const mail = await PostalMime.parse(buildMime(parts({ text, html, subject: `Grüße ${"ä".repeat(200)}` })));
  expect(mail.text?.trimEnd()).toBe(text.trimEnd());
  expect(mail.html?.trimEnd()).toBe(html);
  expect(mail.subject).toBe(`Grüße ${"ä".repeat(200)}`);
  expect(mail.date).toBe("2026-11-21T10:00:00.000Z");
});

test("any text, HTML and files come out as they went in", async () => {
  await fc.assert(
    fc.asyncProperty(lines, lines, fc.uint8Array({ maxLength: 300 }), async (text, html, bytes) => {
      fc.pre(text.trim() !== "" && html.trim() !== "");
      const attachments = [
        { filename: "ä b.bin", contentType: "application/octet-stream", content: Buffer.from(bytes) },
      ];
      const mail = await PostalMime.parse(buildMime(parts({ text, html, attachments })));
      const lined = (some = "") => some.replace(/\r\n?/g, "\n").replace(/\s+$/, "");
      const same = (one: string | undefined, other: string) => expect(lined(one)).toBe(lined(other));
      same(mail.text, text);
      same(mail.html, html);
      expect(mail.attachments.map(({ filename }) => filename)).toEqual(["ä b.bin"]);
      expect(Buffer.from(mail.attachments[0]?.content as ArrayBuffer)).toEqual(Buffer.from(bytes));
    }),
    { numRuns: 150 },
  );
});

test("quoted-printable is what its definition says, in lines of 76 at most", () => {
  fc.assert(
    fc.property(lines, (text) => {
      const given = text.replace(/\r?\n|\r/g, "\r\n");
      const coded = quotedPrintable(Buffer.from(given)).toString("latin1");
      expect(coded).toMatch(/^[\t\r\n -~]*$/);
      for (const line of coded.split("\r\n")) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(line).not.toMatch(/[ \t]$/);
      }
      const bytes = coded
        .replace(/=\r\n/g, "")
        .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
      expect(Buffer.from(bytes, "latin1").toString("utf8")).toBe(given);
    }),
  );
});
