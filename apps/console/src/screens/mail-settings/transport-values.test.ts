import type { Transport } from "@daybook/contract";
import { expect, test } from "vitest";
import { newTransport, settingsOf, valuesOf } from "./transport-values.ts";

const kept: Transport = {
  name: "main",
  source: "api",
  host: "smtp.acme.example",
  port: 587,
  security: "starttls",
  user: "daybook",
  passwordSet: true,
  position: 1,
  enabled: true,
  connections: 5,
  perSecond: 0.5,
  allowSelfSigned: false,
  dkim: { domain: "acme.example", selector: "daybook", record: "v=DKIM1; k=rsa; p=x" },
  state: "up",
};

test("a transport that is opened and saved as it is sends neither a password nor a key", () => {
  const sent = settingsOf(valuesOf(kept));
  expect(sent).toEqual({
    host: "smtp.acme.example",
    port: 587,
    security: "starttls",
    user: "daybook",
    position: 1,
    enabled: true,
    connections: 5,
    perSecond: 0.5,
    allowSelfSigned: false,
    dkim: { domain: "acme.example", selector: "daybook" },
  });
});

test("a signature that is switched off is taken away, and what is typed is sent", () => {
  const values = { ...valuesOf(kept), signs: false, password: " with spaces ", user: "" };
  expect(settingsOf(values)).toMatchObject({ dkim: null, password: " with spaces " });
  expect(settingsOf(values)).not.toHaveProperty("user");
  expect(settingsOf({ ...newTransport(3), host: " smtp.acme.example " })).toMatchObject({
    host: "smtp.acme.example",
    position: 3,
    port: 587,
  });
});
