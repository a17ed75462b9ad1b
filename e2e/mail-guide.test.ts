import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { MailMessage } from "@daybook/contract";
import { type RemoteServer, remoteServer, temporaryDirectory } from "@daybook/testkit";
import { type TestMailServer, testMailServer } from "@daybook/testkit/mail-server.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { languages, repository, runProgram } from "./guides.ts";

// The commands of docs/guides/mail.md as they stand there, with the address of a mail server that is there and ids that are.
const guide = readFileSync(join(repository, "docs/guides/mail.md"), "utf8");
const calls = [...guide.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
  block
    .replaceAll(/\\\n\s*/g, "")
    .split(/^(?=curl |daybook )/m)
    .filter((line) => line.startsWith("curl ")),
);

let server: RemoteServer;
let mails: TestMailServer;
beforeAll(async () => {
  mails = await testMailServer({ security: "none" });
  server = await remoteServer(["mail:send", "mail:body", "mail:read", "settings:write", "staff:manage", "events:read"]);
});
afterAll(async () => {
  await server?.close();
  await mails?.close();
});

test.skipIf(languages.sh === undefined)(
  "every call of the guide is answered as it should be",
  async () => {
    expect(calls.length).toBeGreaterThan(8);
    const directory = temporaryDirectory("daybook mail guide");
    const env = { DAYBOOK_URL: server.line.address, DAYBOOK_KEY: server.key.key };
    for (const [index, call] of calls.entries()) {
      // A mail that the panel reported may be reported on; any other may be sent again.
      const { items } = await server.read<{ items: MailMessage[] }>("/mail/messages");
      const wanted = call.includes("-X PATCH") ? "external" : "daybook";
      const id = items.find(({ delivery, status }) => delivery === wanted && status !== "queued")?.id ?? "";
      const program = call
        .replace('"host": "mail.example.com", "port": 587, "user": "panel", "password": "…"', here())
        .replace("<id>", id)
        .replace(/^curl /, "curl -sS --fail-with-body ");
      const file = `call-${index}.sh`;
      writeFileSync(join(directory, file), program);
      const answer = await runProgram("sh", file, { cwd: directory, env });
      if (answer !== "") expect(JSON.parse(answer), call).toBeTypeOf("object");
      if (call.includes("mail/messages")) await settled();
    }
    expect(mails.mails.map(({ parsed }) => parsed.subject)).toEqual(
      expect.arrayContaining(["Your server mc-01 is ready", "Maintenance on Sunday"]),
    );
  },
  120_000,
);

const here = (): string => `"host": "127.0.0.1", "port": ${mails.port}, "security": "none"`;

/** Whatever the calls sent is out, so that the next one finds it so. */
async function settled(): Promise<void> {
  const waiting = async () => (await server.read<{ items: object[] }>("/mail/messages?status=queued")).items.length;
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
}
