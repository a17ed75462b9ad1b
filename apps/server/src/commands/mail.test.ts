import type { MailMessage } from "@daybook/contract";
import { type Finished, runDaybook, sampleMail, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { MailRow } from "../mail/mail-row.ts";

let server: TestApp;
let first: MailRow;
let second: MailRow;

beforeAll(async () => {
  server = await testApp();
  first = await sampleMail(server.deps, {
    subject: "Welcome\u001b[31m, Dana",
    template: "welcome",
    status: "delivered",
    queuedAtMs: Date.now() - 3 * 86_400_000,
    transport: "main",
  });
  second = await sampleMail(server.deps, {
    subject: "Your invoice 17",
    template: "invoice",
    status: "bounced",
    class: "mailbox_full",
    answer: "552 5.2.2 mailbox full",
    to: { address: "Lee@acme.example", name: "Lee" },
    user: { id: "77" },
    targets: [{ type: "server", id: "srv-2" }],
    happenings: ["queued", "bounced"],
    content: { text: "what it said" },
  });
});
afterAll(() => server.close());

const daybook = (...args: string[]): Promise<Finished> =>
  runDaybook(["mail", ...args], {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data },
  });

test("list shows the newest first, narrowed by filters, for people and as one document", async () => {
  const listed = JSON.parse((await daybook("list", "--json")).out);
  expect(listed).toMatchObject({ nextCursor: null, total: { value: 2, relation: "eq" } });
  expect(listed.items.map(({ id }: MailMessage) => id)).toEqual([second.id, first.id]);
  const idsOf = async (...args: string[]) =>
    JSON.parse((await daybook("list", ...args, "--json")).out).items.map(({ id }: MailMessage) => id);
  const lees = ["--address", "lee@ACME.example", "--status", "bounced", "--user", "77", "--text", "invoice 17"];
  const more = ["--target", "server/srv-2", "--class", "mailbox_full", "--since", "1h", "--template", "invoice"];
  expect(await idsOf(...lees, ...more)).toEqual([second.id]);
  expect(await idsOf("--address", "@acme.example", "--transport", "main", "--delivery", "daybook")).toEqual([first.id]);
  const people = await daybook("list");
  expect(people).toMatchObject({ code: 0, err: "" });
  expect(people.out).toMatch(
    new RegExp(`^${second.id}  \\d{4}-.* bounced +Lee@acme.example .*invoice  mailbox_full\n${first.id} .*Welcome`),
  );
  expect(people.out).not.toContain("\u001b");
  expect((await daybook("list", "--user", "nobody")).out).toBe("Nothing found.\n");
});

test("show tells a mail with what happened to it, and never what it said", async () => {
  const { out } = await daybook("show", second.id);
  expect(out).toContain("status     bounced");
  expect(out).toContain("answer     552 5.2.2 mailbox full");
  expect(out).toContain("to         Lee <Lee@acme.example>");
  expect(out).toMatch(/queued, Daybook\n.*bounced, Daybook/);
  expect(out).not.toContain("what it said");
  expect(JSON.parse((await daybook("show", second.id, "--json")).out)).toMatchObject({
    id: second.id,
    timeline: { length: 2 },
    hasContent: true,
  });
});

test("why answers in one sentence, with the figures of the address and of its domain", async () => {
  const { code, out } = await daybook("why", "lee@acme.example");
  expect(code).toBe(0);
  expect(out).toMatch(/^The last mail, “Your invoice 17” of .*, came back at .*: the recipient's mailbox is full/);
  expect(out).toContain("lee@acme.example: 1 mail, of these 1 bounced");
  expect(out).toContain("1 × the recipient's mailbox is full");
  expect(JSON.parse((await daybook("why", "none@acme.example", "--json")).out)).toMatchObject({
    answer: "No mail to none@acme.example is on record.",
  });
});

test("what is no id, no status, no address or no mail is said, and what was asked is on record", async () => {
  expect(await daybook("show", "42")).toMatchObject({ code: 2, err: expect.stringContaining("daybook mail list") });
  expect((await daybook("list", "--status", "lost")).code).not.toBe(0);
  expect(await daybook("why", "nobody")).toMatchObject({ code: 2, err: expect.stringContaining("mail address") });
  expect(await daybook("show", "0198f0c2-0000-7000-8000-000000000000")).toMatchObject({
    code: 1,
    err: expect.stringContaining("There is no mail"),
  });
  const { rows } = await server.deps.db.query<{ details: { command: string; arguments: object } }>(
    "select details::jsonb as details from event where action = 'cli.command_run' and details::jsonb ->> 'command' = 'mail why'",
  );
  expect(rows.map(({ details }) => details.arguments)).toContainEqual({ address: "lee@acme.example" });
});
