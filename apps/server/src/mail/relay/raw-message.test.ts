import { expect, test } from "vitest";
import { fieldOf, outgoing, readRaw } from "./raw-message.ts";

const bytes = (...lines: string[]) => Buffer.from(lines.join("\r\n"), "latin1");
const nowMs = Date.parse("2026-11-20T10:00:00Z");
const out = (raw: Buffer) => outgoing(readRaw(raw), "acme.example", nowMs);

test("a message goes out byte for byte, odd bytes and blanks included", () => {
  const raw = bytes(
    "Message-ID:  <a@b>",
    "DATE: x",
    "subject : \xfc\x80",
    "X-Long: a",
    "\tb",
    " c",
    "",
    "Bcc: in the body\n\xff",
    "",
    ".",
  );
  expect(out(raw)).toEqual({ raw, messageId: "a@b" });
});

test("Bcc is taken out however it is written, and what is said to the relay alone", () => {
  const raw = bytes(
    "Message-ID: <a@b>",
    "bCC: x@acme.example,",
    " y@acme.example",
    "Date: x",
    "X-Daybook-User: 7",
    "Subject: s",
    "BCC:z@acme.example",
    "",
    "body",
  );
  expect(out(raw).raw).toEqual(bytes("Message-ID: <a@b>", "Date: x", "Subject: s", "", "body"));
});

test("a message without Message-ID or Date gets them", () => {
  const made = out(bytes("Subject: s", "", "body"));
  expect(made.messageId).toMatch(/^[0-9a-f-]{36}@acme\.example$/);
  const header = `Message-ID: <${made.messageId}>\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\nSubject: s\r\n\r\nbody`;
  expect(made.raw.toString()).toBe(header);
  const empty = out(bytes("Message-ID: ", "Date: x", "", "body"));
  expect(empty.raw.toString()).toBe(`Message-ID: <${empty.messageId}>\r\nDate: x\r\n\r\nbody`);
});

test("a header without a body, a body without a header, and nothing at all are read", () => {
  expect(readRaw(bytes("Subject: s")).fields.map(({ name }) => name)).toEqual(["subject"]);
  expect(readRaw(bytes("", "body")).rest.toString()).toBe("\r\nbody");
  expect(readRaw(Buffer.alloc(0))).toEqual({ fields: [], rest: Buffer.alloc(0) });
});

test("lines that end in a line feed alone are lines", () => {
  const message = readRaw(Buffer.from("Subject: a\n b\nBcc: x\n\nbody"));
  expect(fieldOf(message, "subject")).toBe("a b");
  expect(outgoing(message, "acme.example", nowMs).raw.toString()).not.toContain("Bcc");
});
