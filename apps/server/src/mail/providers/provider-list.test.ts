import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { providerReaders } from "./provider-list.ts";
import { type ProviderReport, ReportBroken, ReportRefused } from "./provider-report.ts";

const nowMs = Date.parse("2026-11-20T10:00:00Z");
const seconds = nowMs / 1000;
const none = async (): Promise<string> => {
  throw new Error("nothing is to be fetched");
};

function read(
  provider: keyof typeof providerReaders,
  secret: string,
  body: string,
  headers: Record<string, string>,
  at = nowMs,
): Promise<ProviderReport[]> {
  const request = { body: Buffer.from(body), header: (name: string) => headers[name] };
  return providerReaders[provider].read(request, secret, { nowMs: at, fetchText: none });
}

describe("postmark", () => {
  const secret = "a-password-of-24-letters";
  const basic = { authorization: `Basic ${Buffer.from(`daybook:${secret}`).toString("base64")}` };
  const bounce = {
    ...{ RecordType: "Bounce", ID: 42, Type: "HardBounce", MessageID: "883953f4-6105-42a2-a16a-77a8eac79483" },
    ...{
      Email: "kim@acme.example",
      BouncedAt: "2026-11-20T09:59:00.907Z",
      Details: "smtp;550 5.1.1 The account does not exist",
    },
    ...{
      Description: "The server was unable to deliver your message.",
      Metadata: { "daybook-message-id": "01932f3c-0000-7000-8000-000000000001" },
    },
  };

  it("brings its secret along, as a password or as a header", async () => {
    const [report] = await read("postmark", secret, JSON.stringify(bounce), basic);
    expect(report).toEqual({
      ...{ key: `Bounce 42 kim@acme.example ${bounce.BouncedAt}`, kind: "bounced", to: "kim@acme.example" },
      ...{ atMs: Date.parse(bounce.BouncedAt), class: "recipient_refused", answer: bounce.Details },
      ...{ mailId: "01932f3c-0000-7000-8000-000000000001", providerId: bounce.MessageID },
    });
    expect(await read("postmark", secret, JSON.stringify(bounce), { "x-daybook-secret": secret })).toEqual([report]);
    for (const wrong of [{}, { "x-daybook-secret": "x" }, { authorization: "Basic eDp5" }])
      await expect(read("postmark", secret, JSON.stringify(bounce), wrong)).rejects.toThrow(ReportRefused);
  });

  it.each([
    [
      { RecordType: "Delivery", Recipient: "kim@acme.example", DeliveredAt: "2026-11-20T09:59:00Z", Details: "250 OK" },
      "delivered",
    ],
    [{ RecordType: "SpamComplaint", Type: "SpamComplaint" }, "complained"],
    [{ RecordType: "Bounce", Type: "SoftBounce" }, "soft"],
    [{ RecordType: "Bounce", Type: "Transient" }, "deferred"],
    [{ RecordType: "Bounce", Type: "Blocked" }, "failed"],
    [
      { RecordType: "SubscriptionChange", SuppressSending: true, SuppressionReason: "ManualSuppression" },
      "unsubscribed",
    ],
    [{ RecordType: "Bounce", Type: "AutoResponder" }, undefined],
    [{ RecordType: "Open" }, undefined],
  ])("%o is %s", async (body, kind) => {
    const [report] = await read(
      "postmark",
      secret,
      JSON.stringify({ ID: 1, MessageID: "m", Email: "k@a.example", ...body }),
      basic,
    );
    expect(report?.kind).toBe(kind);
  });
});

describe("mailgun", () => {
  const secret = "a-webhook-signing-key";
  const body = (event: object, signed: { timestamp?: string; signature?: string } = {}) => {
    const timestamp = signed.timestamp ?? String(seconds);
    const token = "c0ffee";
    const signature =
      signed.signature ??
      createHmac("sha256", secret)
        .update(timestamp + token)
        .digest("hex");
    return JSON.stringify({ signature: { timestamp, token, signature }, "event-data": event });
  };
  const failed = {
    ...{ event: "failed", id: "e1", severity: "permanent", timestamp: 1_795_168_740.25, recipient: "kim@acme.example" },
    message: { headers: { "message-id": "abc@panel.example" } },
    "delivery-status": { code: 552, message: "5.2.2 The mailbox is full" },
    "user-variables": { daybook_message_id: "x" },
  };

  it("tells with time and reason; the token is what counts once", async () => {
    const [report] = await read("mailgun", secret, body(failed), {});
    expect(report).toEqual({
      ...{ key: "token c0ffee", kind: "bounced", to: "kim@acme.example", atMs: 1_795_168_740_250, mailId: "x" },
      ...{ messageId: "abc@panel.example", class: "mailbox_full", answer: "552 5.2.2 The mailbox is full" },
    });
  });

  it("is refused with a wrong signature, and with one that is too old", async () => {
    await expect(read("mailgun", secret, body(failed, { signature: "0".repeat(64) }), {})).rejects.toThrow(
      "does not fit",
    );
    const old = body(failed, { timestamp: String(seconds - 36_000) });
    await expect(read("mailgun", secret, old, {})).rejects.toThrow("too long ago");
    await expect(read("mailgun", secret, body(failed, { timestamp: String(seconds + 3_600) }), {})).rejects.toThrow(
      ReportRefused,
    );
  });

  it.each([
    [{ event: "delivered" }, "delivered"],
    [{ event: "complained" }, "complained"],
    [{ event: "unsubscribed" }, "unsubscribed"],
    [{ event: "failed", severity: "temporary", "delivery-status": { code: 450, message: "Greylisted" } }, "deferred"],
    [{ event: "failed", severity: "permanent", reason: "suppress-bounce" }, "failed"],
    [{ event: "opened" }, undefined],
  ])("%o is %s", async (event, kind) => {
    expect((await read("mailgun", secret, body(event), {}))[0]?.kind).toBe(kind);
  });

  it("that signed something else than its documentation says is told so", async () => {
    await expect(read("mailgun", secret, "{}", {})).rejects.toThrow(ReportBroken);
    await expect(read("mailgun", secret, "x", {})).rejects.toThrow("not JSON");
  });
});

describe("sendgrid", () => {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const secret = publicKey.export({ format: "der", type: "spki" }).toString("base64");
  const headers = (body: string, timestamp = String(seconds)) => ({
    "x-twilio-email-event-webhook-timestamp": timestamp,
    "x-twilio-email-event-webhook-signature": sign("sha256", Buffer.from(timestamp + body), privateKey).toString(
      "base64",
    ),
  });
  const batch = JSON.stringify([
    {
      event: "delivered",
      email: "a@acme.example",
      timestamp: seconds,
      sg_event_id: "1",
      sg_message_id: "m1.filter-1",
      "smtp-id": "<abc@panel.example>",
      response: "250 OK",
    },
    {
      event: "bounce",
      type: "bounce",
      email: "b@acme.example",
      sg_event_id: "2",
      reason: "550 5.1.1 no such user",
      daybook_message_id: "y",
    },
    {
      event: "bounce",
      type: "blocked",
      email: "c@acme.example",
      sg_event_id: "3",
      reason: "550 5.7.1 blocked for spam",
    },
    { event: "open", email: "d@acme.example", sg_event_id: "4" },
    { event: "dropped", email: "e@acme.example", sg_event_id: "5", reason: "Bounced Address" },
    { event: "deferred", email: "f@acme.example", sg_event_id: "6", response: "452 4.2.2 over quota" },
    { event: "spamreport", email: "g@acme.example", sg_event_id: "7" },
    { event: "group_unsubscribe", email: "h@acme.example", sg_event_id: "8" },
  ]);

  it("tells a batch", async () => {
    const reports = await read("sendgrid", secret, batch, headers(batch));
    expect(reports.map(({ key, kind, class: class_ }) => [key, kind, class_])).toEqual([
      ["1", "delivered", undefined],
      ["2", "bounced", "recipient_refused"],
      ["3", "failed", "spam_refused"],
      ["5", "failed", "suppressed"],
      ["6", "deferred", "mailbox_full"],
      ["7", "complained", undefined],
      ["8", "unsubscribed", undefined],
    ]);
    expect(reports[0]).toMatchObject({
      messageId: "<abc@panel.example>",
      providerId: "m1",
      atMs: nowMs,
      to: "a@acme.example",
    });
    expect(reports[1]?.mailId).toBe("y");
  });

  it("is refused when a byte differs, when it is old, and unsigned", async () => {
    await expect(read("sendgrid", secret, batch.replace("a@acme", "z@acme"), headers(batch))).rejects.toThrow(
      ReportRefused,
    );
    const old = headers(batch, String(seconds - 100_000));
    await expect(read("sendgrid", secret, batch, old)).rejects.toThrow("too long ago");
    await expect(read("sendgrid", secret, batch, {})).rejects.toThrow(ReportRefused);
  });
});

describe("resend", () => {
  const key = Buffer.from("a key of twenty-four byte");
  const secret = `whsec_${key.toString("base64")}`;
  const headers = (body: string, timestamp = String(seconds), more = "") => {
    const signature = createHmac("sha256", key).update(`msg_1.${timestamp}.${body}`).digest("base64");
    return { "svix-id": "msg_1", "svix-timestamp": timestamp, "svix-signature": `${more}v1,${signature}` };
  };
  const bounced = JSON.stringify({
    ...{ type: "email.bounced", created_at: "2026-11-20T09:59:59.5Z" },
    data: {
      ...{ email_id: "56761188-7520-42d8-8898-ff6fc54ce618", to: ["Kim <kim@acme.example>", "lee@acme.example"] },
      bounce: { type: "Permanent", subType: "General", message: "The recipient's address does not exist." },
      tags: { daybook_message_id: "z" },
    },
  });

  it("tells of each recipient, while two secrets hold too", async () => {
    const reports = await read("resend", secret, bounced, headers(bounced, undefined, "v1,b2xk "));
    expect(reports.map(({ to, key: each }) => [to, each])).toEqual([
      ["kim@acme.example", "msg_1 Kim <kim@acme.example>"],
      ["lee@acme.example", "msg_1 lee@acme.example"],
    ]);
    expect(reports[0]).toMatchObject({
      kind: "bounced",
      class: "recipient_refused",
      mailId: "z",
      providerId: "56761188-7520-42d8-8898-ff6fc54ce618",
    });
  });

  it("is refused with another body, after five minutes, and by another key", async () => {
    await expect(read("resend", secret, `${bounced} `, headers(bounced))).rejects.toThrow(ReportRefused);
    await expect(read("resend", secret, bounced, headers(bounced), nowMs + 301_000)).rejects.toThrow("too long ago");
    const other = `whsec_${Buffer.from("another key of 24 bytes…").toString("base64")}`;
    await expect(read("resend", other, bounced, headers(bounced))).rejects.toThrow(ReportRefused);
  });

  it.each([
    ["email.delivered", {}, "delivered"],
    ["email.complained", {}, "complained"],
    ["email.delivery_delayed", {}, "deferred"],
    ["email.failed", { failed: { reason: "reached_daily_quota" } }, "failed"],
    ["email.bounced", { bounce: { type: "Transient", message: "mailbox full" } }, "soft"],
    ["email.opened", {}, undefined],
  ])("%s is %s", async (type, data, kind) => {
    const body = JSON.stringify({ type, data: { to: ["k@acme.example"], ...data } });
    expect((await read("resend", secret, body, headers(body)))[0]?.kind).toBe(kind);
  });
});
