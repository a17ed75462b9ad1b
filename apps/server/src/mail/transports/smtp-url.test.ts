import { expect, test } from "vitest";
import { readSmtpUrl } from "./smtp-url.ts";

test.each([
  ["smtp://mail.example", { host: "mail.example", port: 587, security: "starttls" }],
  ["smtps://mail.example", { port: 465, security: "tls" }],
  ["smtp://mail.example:2525?security=none", { port: 2525, security: "none" }],
  ["smtp://localhost?security=none", { port: 25 }],
  ["smtp://panel%40acme.example:p%3Aw%2F@mail.example", { user: "panel@acme.example", password: "p:w/" }],
  ["smtp://[2001:db8::1]:25", { host: "2001:db8::1", port: 25 }],
  [
    "smtp://a?connections=9&perSecond=0.5&allowSelfSigned=true",
    { connections: 9, perSecond: 0.5, allowSelfSigned: true },
  ],
])("%s is a mail server", (text, settings) => expect(readSmtpUrl(text)).toMatchObject(settings));

test.each([
  ["mail.example", "expected smtp://"],
  ["http://mail.example", "expected smtp://"],
  ["smtp://a?connections=0", "connections"],
  ["smtp://a?conections=5", "conections"],
])("%s is refused", (text, why) => expect(() => readSmtpUrl(text)).toThrow(why));
