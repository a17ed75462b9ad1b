import type { MailDetail, MailMessage } from "@daybook/contract";
import { type RemoteServer, remoteServer } from "@daybook/testkit";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Daybook, type DaybookOptions } from "./daybook.ts";

let server: RemoteServer;
const clients: Daybook[] = [];

beforeAll(async () => {
  server = await remoteServer(["mail:send", "mail:read", "events:read"], { DAYBOOK_MAIL_FROM: "panel@acme.example" });
});
afterEach(async () => {
  server.line.mend();
  server.line.cutAfterBytes(undefined);
  for (const client of clients.splice(0)) await client.close({ timeoutMs: 2_000 }).catch(() => {});
});
afterAll(() => server?.close());

function client(options: Partial<DaybookOptions> = {}): Daybook {
  const made = new Daybook({ url: server.line.address, key: server.key.key, ...options });
  clients.push(made);
  return made;
}

const mail = (id: string): Promise<MailDetail> => server.read(`/mail/messages/${id}`);
const mailsTo = async (address: string): Promise<MailMessage[]> =>
  (await server.read<{ items: MailMessage[] }>(`/mail/messages?address=${address}`)).items;

test("a mail is given to Daybook with whom it is for and what it is about", async () => {
  const sent = await client().mail.send({
    to: { address: "dana@acme.example", name: "Dana" },
    subject: "mc-01 is ready",
    text: "Your server mc-01 is ready.",
    user: { id: "77", name: "Dana" },
    targets: [{ type: "server", id: "srv-1", name: "mc-01" }],
  });
  expect(await mail(sent.id)).toMatchObject({
    delivery: "daybook",
    status: "queued",
    subject: "mc-01 is ready",
    to: { address: "dana@acme.example", name: "Dana" },
    user: { id: "77" },
    targets: [{ type: "server", id: "srv-1" }],
  });
});

test("a call whose answer was lost is made again and sends once", async () => {
  const bodies: unknown[] = [];
  const losing: typeof fetch = async (input, init) => {
    const answer = await fetch(input, init);
    bodies.push(init?.body);
    if (bodies.length === 1) throw new TypeError("the connection ended before the answer");
    return answer;
  };
  const { id } = await client({ fetch: losing }).mail.send({ to: "once@acme.example", subject: "Once", text: "Once." });
  expect(bodies).toHaveLength(2);
  expect(bodies[1]).toBe(bodies[0]);
  expect((await mailsTo("once@acme.example")).map((each) => each.id)).toEqual([id]);
});

test("two calls are two mails, and two with one key of the caller's own are one", async () => {
  const daybook = client();
  const order = { to: "keys@acme.example", subject: "Invoice 7", text: "Attached." };
  const [first, second] = [await daybook.mail.send(order), await daybook.mail.send(order)];
  expect(first.id).not.toBe(second.id);
  const [third, fourth] = [
    await daybook.mail.send({ ...order, key: "invoice-7" }),
    await daybook.mail.send({ ...order, key: "invoice-7" }),
  ];
  expect(third.id).toBe(fourth.id);
  expect(await mailsTo("keys@acme.example")).toHaveLength(3);
});

test("a mail that the panel sends itself is reported, and what became of it too", async () => {
  const daybook = client();
  const { id } = await daybook.mail.report({
    to: "eve@acme.example",
    subject: "Your invoice",
    messageId: "<1@panel.example>",
    answer: "250 2.0.0 queued as 4D1",
  });
  expect(await mail(id)).toMatchObject({ delivery: "external", status: "sent", answer: "250 2.0.0 queued as 4D1" });
  const after = await daybook.mail.update(id, {
    status: "bounced",
    class: "recipient_refused",
    answer: "550 5.1.1 no such user",
  });
  expect(after.status).toBe("bounced");
  expect(await mail(id)).toMatchObject({ status: "bounced", class: "recipient_refused" });
});

test("what Daybook refuses is thrown with its code and the faults", async () => {
  const refused = client().mail.send({ to: "dana@acme.example", subject: "Hello\r\nBcc: all@acme.example", text: "…" });
  await expect(refused).rejects.toMatchObject({ status: 400, code: "invalid_request" });
});

test("closing waits for a mail that nobody waits for", async () => {
  const daybook = client();
  void daybook.mail.send({ to: "late@acme.example", subject: "Late", text: "But there." });
  await daybook.close();
  expect(await mailsTo("late@acme.example")).toHaveLength(1);
});
