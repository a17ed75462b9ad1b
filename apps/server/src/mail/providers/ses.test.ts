import { sign } from "node:crypto";
import { testCertificate } from "@daybook/testkit/certificate.ts";
import { beforeEach, expect, it } from "vitest";
import { ReportRefused } from "./provider-report.ts";
import { ses } from "./ses.ts";

const nowMs = Date.now();
const topic = "arn:aws:sns:eu-central-1:123456789012:mail-reports";
const { key, cert } = testCertificate();
let fetched: string[] = [];
let region = 0;
let certificateUrl = "";
beforeEach(() => {
  fetched = [];
  // Certificates are kept by their address: each test has its own.
  region += 1;
  certificateUrl = `https://sns.eu-central-${region}.amazonaws.com/SimpleNotificationService-1.pem`;
});

const read = (envelope: object, pem = cert, at = nowMs) =>
  ses.read({ body: Buffer.from(JSON.stringify(envelope)), header: () => undefined }, topic, {
    nowMs: at,
    fetchText: async (url) => {
      fetched.push(url);
      return url.endsWith(".pem") ? pem : "<ok/>";
    },
  });

function signed(changes: Record<string, string> = {}, version = "2"): Record<string, string> {
  const envelope: Record<string, string> = {
    ...{ Type: "Notification", MessageId: "sns-1", TopicArn: topic, Message: "{}", Subject: "Amazon SES" },
    ...{ Timestamp: new Date(nowMs).toISOString(), SignatureVersion: version, SigningCertURL: certificateUrl },
    ...changes,
  };
  const names =
    envelope.Type === "Notification"
      ? ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
      : ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];
  const text = names.map((name) => `${name}\n${envelope[name]}\n`).join("");
  return {
    ...envelope,
    Signature: sign(version === "2" ? "sha256" : "sha1", Buffer.from(text), key).toString("base64"),
  };
}

const bounce = JSON.stringify({
  notificationType: "Bounce",
  mail: {
    messageId: "0100018f-ses",
    destination: ["kim@acme.example", "lee@acme.example"],
    headers: [{ name: "X-Daybook-Message-Id", value: "01932f3c-0000-7000-8000-000000000001" }],
    commonHeaders: { messageId: "<abc@panel.example>" },
  },
  bounce: {
    bounceType: "Permanent",
    bounceSubType: "General",
    timestamp: "2026-11-20T09:59:00.000Z",
    bouncedRecipients: [
      { emailAddress: "kim@acme.example", status: "5.1.1", diagnosticCode: "smtp; 550 5.1.1 user unknown" },
      { emailAddress: "lee@acme.example" },
    ],
  },
});

it.each(["1", "2"])("a notification signed in version %s is read, its certificate fetched once", async (version) => {
  const reports = await read(signed({ Message: bounce }, version));
  expect(reports).toMatchObject([
    {
      ...{
        kind: "bounced",
        key: "sns-1 kim@acme.example",
        class: "recipient_refused",
        answer: "smtp; 550 5.1.1 user unknown",
      },
      ...{ atMs: Date.parse("2026-11-20T09:59:00Z"), messageId: "<abc@panel.example>", providerId: "0100018f-ses" },
      mailId: "01932f3c-0000-7000-8000-000000000001",
    },
    { kind: "bounced", to: "lee@acme.example", key: "sns-1 lee@acme.example" },
  ]);
  await read(signed({ Message: bounce }, version));
  expect(fetched).toEqual([certificateUrl]);
});

it.each([
  [{ eventType: "Delivery", delivery: { recipients: ["k@a.example"], smtpResponse: "250 2.6.0 ok" } }, "delivered"],
  [
    { notificationType: "Complaint", complaint: { complainedRecipients: [{ emailAddress: "k@a.example" }] } },
    "complained",
  ],
  [
    {
      notificationType: "Bounce",
      bounce: { bounceType: "Transient", bouncedRecipients: [{ emailAddress: "k@a.example" }] },
    },
    "soft",
  ],
  [{ eventType: "DeliveryDelay", deliveryDelay: { delayedRecipients: [{ emailAddress: "k@a.example" }] } }, "deferred"],
  [{ eventType: "Reject", mail: { destination: ["k@a.example"] }, reject: { reason: "Bad content" } }, "failed"],
  [{ eventType: "Open", mail: {} }, undefined],
])("%o is %s", async (message, kind) => {
  expect((await read(signed({ Message: JSON.stringify(message) })))[0]?.kind).toBe(kind);
});

it("the sentence that SES sends when a topic is chosen is passed over", async () => {
  expect(await read(signed({ Message: "Successfully validated SNS topic for Amazon SES." }))).toEqual([]);
});

it("a subscription is confirmed at SNS, and nowhere else", async () => {
  const SubscribeURL = "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&Token=t";
  await read(signed({ Type: "SubscriptionConfirmation", Token: "t", SubscribeURL }));
  expect(fetched).toEqual([certificateUrl, SubscribeURL]);
  for (const address of [
    "https://sns.eu-central-1.amazonaws.com.evil.example/",
    "http://sns.eu-central-1.amazonaws.com/",
  ])
    await expect(read(signed({ Type: "SubscriptionConfirmation", Token: "t", SubscribeURL: address }))).rejects.toThrow(
      ReportRefused,
    );
  expect(fetched).toHaveLength(2);
});

it.each([
  "https://bucket.s3.amazonaws.com/SimpleNotificationService-1.pem",
  "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem",
  "https://sns.eu-central-1.amazonaws.com@evil.example/x.pem",
  "https://sns.eu-central-1.amazonaws.com:8443/x.pem",
  "http://sns.eu-central-1.amazonaws.com/x.pem",
  "https://sns.eu-central-1.amazonaws.com/x",
  "nonsense",
])("a certificate at %s is not even fetched", async (SigningCertURL) => {
  await expect(read(signed({ SigningCertURL }))).rejects.toThrow(ReportRefused);
  expect(fetched).toEqual([]);
});

it("what was altered, is of another topic, is too old or has an expired certificate is refused", async () => {
  await expect(read({ ...signed(), Message: bounce })).rejects.toThrow("does not fit");
  await expect(read(signed({ TopicArn: "arn:aws:sns:eu-central-1:999999999999:mine" }))).rejects.toThrow(
    "another topic",
  );
  await expect(read(signed({ Timestamp: new Date(nowMs - 30 * 3_600_000).toISOString() }))).rejects.toThrow(
    "too long ago",
  );
  await expect(read(signed(), cert, nowMs + 800 * 86_400_000)).rejects.toThrow("not valid now");
  await expect(
    read(signed({ SigningCertURL: certificateUrl.replace("-1.pem", "-2.pem") }), "no certificate"),
  ).rejects.toThrow("is no certificate");
  await expect(read(signed({ SignatureVersion: "3" }))).rejects.toThrow("not known");
});
