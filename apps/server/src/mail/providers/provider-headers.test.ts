import { expect, test } from "vitest";
import { forProvider } from "./provider-headers.ts";

const mime = Buffer.from("Subject: x\r\n\r\nhello");

test("Postmark is told our id of a mail, other servers get it as it is", () => {
  const told = "X-PM-Metadata-daybook-message-id: 01932f3c\r\nSubject: x\r\n\r\nhello";
  expect(forProvider(mime, "smtp.postmarkapp.com", "01932f3c").toString()).toBe(told);
  for (const host of ["mail.acme.example", "postmarkapp.com.evil.example", "notpostmarkapp.com"])
    expect(forProvider(mime, host, "01932f3c")).toBe(mime);
});
