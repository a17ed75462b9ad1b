import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSession, SmtpFault, usualPatience } from "./smtp-session.ts";

let mails: TestMailServer;
let client: Socket | undefined;
const between = createServer((socket) => {
  client = socket;
  const upstream = connect(mails.port, mails.host);
  socket.pipe(upstream).pipe(socket);
  for (const each of [socket, upstream]) each.on("error", () => {});
});

beforeAll(async () => {
  mails = await testMailServer({ security: "tls" });
  between.listen(0, "127.0.0.1");
  await once(between, "listening");
});
afterAll(async () => {
  client?.destroy();
  between.close();
  await mails.close();
});

test("an encrypted connection that breaks after the message leaves open whether it arrived", async () => {
  const { port } = between.address() as AddressInfo;
  const rule = {
    ...{ name: "main", source: "api" as const, enabled: true, position: 1, host: "127.0.0.1", port },
    ...{ security: "tls" as const, allowSelfSigned: true, connections: 1 },
  };
  const session = await openSession(rule as never, { patience: usualPatience });
  mails.behave({ stall: "reply" });
  const reached = mails.reaches("reply");
  const mime = Buffer.from("Subject: Hello\r\n\r\nHello\r\n");
  const sent = session.send("a@acme.example", "b@customer.example", mime, async () => {});
  sent.catch(() => {});
  await reached;
  client?.write("this is not TLS");
  const fault = await sent.catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(SmtpFault);
  expect(fault).toMatchObject({ maybeSent: true, fault: { step: "message" } });
  expect((fault as SmtpFault).fault.errno).toMatch(/SSL/);
});
