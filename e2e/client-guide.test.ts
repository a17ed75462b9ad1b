import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MailMessage, TaskDetail } from "@daybook/contract";
import { type RemoteServer, remoteServer, temporaryDirectory } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { codeBlock, languages, repository, runProgram } from "./guides.ts";

let server: RemoteServer;
beforeAll(async () => {
  const scopes = ["tasks:write", "events:write", "events:read", "mail:send", "mail:read"] as const;
  server = await remoteServer(scopes, { DAYBOOK_MAIL_FROM: "panel@acme.example" });
});
afterAll(() => server?.close());

/** Runs a block of docs/guides/client.md as a program. */
async function run(language: keyof typeof languages, file: string, containing = ""): Promise<void> {
  const directory = temporaryDirectory("daybook guide");
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(join(repository, "node_modules/@daybook"), join(directory, "node_modules/@daybook"));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  writeFileSync(join(directory, file), codeBlock("client.md", language, containing));
  const env = { DAYBOOK_URL: server.line.address, DAYBOOK_KEY: server.key.key };
  await runProgram(language, file, { cwd: directory, env });
}

async function tasks(type: string): Promise<TaskDetail[]> {
  const { items } = await server.read<{ items: TaskDetail[] }>(`/tasks?type=${type}`);
  return Promise.all(items.map(({ id }) => server.read<TaskDetail>(`/tasks/${id}`)));
}

test("the example of the client does what it says", async () => {
  await run("ts", "example.ts", "new Daybook");
  expect(await server.read("/events?q=action:server.created")).toMatchObject({
    items: [{ targets: [{ id: "srv-1" }], actor: { id: "77", name: "Dana" } }],
  });
  expect(await tasks("instance.deploy")).toMatchObject([
    { status: "completed", title: "Deploy mc-01", node: "hv-3", progress: 100, lineCount: 2 },
  ]);
  expect(await tasks("instance.backup")).toMatchObject([
    { status: "completed", result: { gigabytes: 12 }, lineCount: 1, lastLine: "saving srv-1" },
  ]);
});

test("so does the example of mail: one is sent, one is reported and comes back", async () => {
  await run("ts", "mail.ts", "mail.send");
  const { items } = await server.read<{ items: MailMessage[] }>("/mail/messages?address=dana@acme.example");
  expect(items).toMatchObject([
    { delivery: "external", status: "bounced", subject: "Your invoice 7" },
    { delivery: "daybook", template: "server-created", user: { id: "77" }, targets: [{ id: "srv-1" }] },
  ]);
});

test.each(["sh", "python", "php"] as const)("a task told with %s is one like any other", async (language) => {
  if (languages[language] === undefined) {
    process.stderr.write(`The ${language} of docs/guides/client.md is not tried: it is not installed.\n`);
    return;
  }
  const before = (await tasks("instance.backup")).length;
  await run(language, `example.${language}`, "instance.backup");
  const all = await tasks("instance.backup");
  expect(all).toHaveLength(before + 1);
  expect(all[0]).toMatchObject({
    status: "completed",
    result: { gigabytes: 12 },
    lineCount: 2,
    targets: [{ type: "server", id: "srv-1" }],
  });
});
