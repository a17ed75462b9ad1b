import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { apiKey, type RunningDaybook, runDaybook, startDaybook, testDeps } from "@daybook/testkit";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, test } from "vitest";

let opened: Awaited<ReturnType<typeof testDeps>>;
let key: string;
beforeAll(async () => {
  opened = await testDeps();
  key = (await apiKey(opened.deps, { scopes: ["mail:send"] })).key;
});
afterAll(() => opened.close());

const start = (): Promise<RunningDaybook> =>
  startDaybook({
    command: ["smtp", "--smtp-port", "0"],
    env: {
      DATABASE_URL: opened.database.url,
      DAYBOOK_DATA: opened.deps.config.data,
      DAYBOOK_KEY_REQUESTS_PER_MINUTE: "0",
    },
    ready: /takes mails on 127\.0\.0\.1:(\d+)/,
  });
const send = async (port: string, subject: string): Promise<string | undefined> => {
  const client = createTransport({ host: "127.0.0.1", port: Number(port), auth: { user: "panel", pass: key } });
  const mail = { from: "panel@acme.example", to: ["kim@acme.example", "lee@acme.example"], subject, text: subject };
  return client.sendMail({ ...mail, messageId: `<${subject}@panel.example>`, date: new Date(0) }).then(
    ({ response }) => response,
    () => undefined,
  );
};

test("killed at any moment, it has every mail that it took, and one sent again is there once", async () => {
  const first = await start();
  const subjects = Array.from({ length: 12 }, (_, place) => `mail-${place}`);
  const answers = await Promise.all(
    subjects.map(async (subject, place) => {
      const answer = await send(first.address, subject);
      // In the middle of the others.
      if (place === 3) await first.kill();
      return answer;
    }),
  );
  const again = await start();
  const count = async (subject: string) => {
    const sql = "select count(*) as n from mail_message where subject = $1";
    return (await opened.deps.db.query<{ n: number }>(sql, [subject])).rows[0]?.n;
  };
  for (const [place, subject] of subjects.entries()) {
    if (answers[place] !== undefined) expect(await count(subject), subject).toBe(2);
    // All of its recipients, or none.
    else expect([0, 2], subject).toContain(await count(subject));
    expect(await send(again.address, subject)).toMatch(/^250/);
    expect(await count(subject), subject).toBe(2);
  }
  expect(await again.stop()).toBe(0);
  const { rows } = await opened.deps.db.query("select count(*) as n from task where type = 'daybook.mail_delivery'");
  expect(rows).toEqual([{ n: 24 }]);
}, 120_000);

test("it says in words what is missing, and does not listen", async () => {
  const run = (...args: string[]) => runDaybook(["smtp", ...args], { env: { DATABASE_URL: opened.database.url } });
  const open = await run("--host", "0.0.0.0");
  expect([open.code, open.err]).toEqual([2, expect.stringContaining("in the clear")]);
  const half = await run("--tls-cert", "x.pem");
  expect([half.code, half.err]).toEqual([2, expect.stringContaining("needs its key")]);
  const none = await run("--tls-cert", "none.pem", "--tls-key", "none.key");
  expect([none.code, none.err]).toEqual([2, expect.stringContaining("cannot be read")]);
  const file = join(opened.deps.config.data, "nonsense.pem");
  writeFileSync(file, "nonsense");
  const wrong = await run("--tls-cert", file, "--tls-key", file);
  expect([wrong.code, wrong.err]).toEqual([2, expect.stringContaining("does not do with the key")]);
  rmSync(file);
});
