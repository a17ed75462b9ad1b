import { apiKey, type TestApp, testApp } from "@daybook/testkit";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { ApiKeyRing } from "../../access/api-key-ring.ts";
import { startTasks } from "../../tasks/start-tasks.ts";
import { readSmtpUrl } from "../transports/smtp-url.ts";
import { openRelay, type RunningRelay } from "./relay-server.ts";

let mails: TestMailServer;
let server: TestApp;
let keys: ApiKeyRing;
let relay: RunningRelay;
let work: { stop(): Promise<void> };
beforeAll(async () => {
  mails = await testMailServer({ security: "none" });
  server = await testApp({ config: { smtpUrl: readSmtpUrl(`${mails.url}?security=none`) } });
  keys = new ApiKeyRing(server.deps);
  await keys.open();
  relay = await openRelay(server.deps, keys, {
    host: "127.0.0.1",
    port: 0,
    plainLogin: true,
    name: "x",
    drainMs: 1_000,
  });
  work = await startTasks({ ...server.deps, version: "test", callEndpoint: async () => ({ taken: true }) });
});
afterAll(async () => {
  await work.stop();
  await relay.close();
  await keys.close();
  await server.close();
  await mails.close();
});

test("a panel's mail arrives at each of its recipients as the panel sent it, and the log says so", async () => {
  const { key } = await apiKey(server.deps, { scopes: ["mail:send"] });
  const panel = createTransport({ host: "127.0.0.1", port: relay.port, auth: { user: "panel", pass: key } });
  const to = ["kim@acme.example", "lee@acme.example"];
  const attachments = [{ filename: "a.bin", content: Buffer.from([0, 255, 10, 13, 46]) }];
  const mail = {
    from: "bounces+7@acme.example",
    to,
    subject: "Grüße",
    text: ".dots\n.",
    html: "<p>ü</p>",
    attachments,
  };
  await panel.sendMail({ ...mail, messageId: "<m1@panel.example>" });
  panel.close();
  await vi.waitFor(() => expect(mails.mails).toHaveLength(2), { timeout: 20_000 });
  expect(mails.mails.map((taken) => taken.to[0]).sort()).toEqual(to);
  expect(mails.mails.map((taken) => taken.from)).toEqual(["bounces+7@acme.example", "bounces+7@acme.example"]);
  const [one, two] = mails.mails;
  expect(one?.raw).toEqual(two?.raw);
  expect(one?.parsed).toMatchObject({ subject: "Grüße", messageId: "<m1@panel.example>", text: ".dots\n." });
  expect(one?.parsed.attachments[0]?.content).toEqual(attachments[0]?.content);
  await vi.waitFor(
    async () => {
      const { rows } = await server.deps.db.query("select status, delivery, attempts, answer from mail_message");
      expect(rows).toEqual(
        Array(2).fill({ status: 1, delivery: 1, attempts: 1, answer: expect.stringMatching(/^250/) }),
      );
    },
    { timeout: 20_000 },
  );
});
