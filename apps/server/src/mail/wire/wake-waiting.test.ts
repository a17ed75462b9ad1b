import { apiKey } from "@daybook/testkit";
import { type MailStage, mailStage } from "@daybook/testkit/mail-stage.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

let stage: MailStage;

beforeAll(async () => {
  stage = await mailStage();
});
afterAll(() => stage.close());

test("a mail that waited for want of a mail server goes out when one is set up, and so does one whose server was set up wrongly", async () => {
  const { headers } = await apiKey(stage.server.deps);
  const { host, port } = stage.other;
  const set = async (settings: object) => {
    const reply = await stage.server.app.inject({
      ...{ method: "PUT", url: "/api/v1/mail/transports/main", headers },
      payload: { host, port, security: "none", ...settings },
    });
    expect(reply.statusCode, reply.body).toBe(200);
  };
  const early = await stage.send();
  expect((await stage.deferred(early)).class).toBe("no_transport");
  await set({ port: 1 });
  expect((await stage.deferred(early, 2)).class).toBe("connect");
  await set({});
  expect((await stage.becomes(early, "sent")).attemptList).toHaveLength(2);
});
