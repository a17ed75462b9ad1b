import { userInfo } from "node:os";
import { type Finished, runDaybook, type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildProgram, leaves } from "../program.ts";
import { commandName, recordedCommands, unrecordedCommands } from "./command-event.ts";
import type { CommandContext } from "./context.ts";

let server: TestApp;
beforeAll(async () => {
  server = await testApp();
});
afterAll(() => server.close());

const daybook = (args: string[], input?: string): Promise<Finished> =>
  runDaybook(args, {
    env: { DATABASE_URL: server.database.url, DAYBOOK_DATA: server.deps.config.data },
    ...(input === undefined ? {} : { input }),
  });

async function runs(): Promise<object[]> {
  const { rows } = await server.deps.ownerDb.query(
    "select actor_id, auth, outcome, details::text as details, summary from event where action = 'cli.command_run' order by seq",
  );
  return rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(details) }));
}

test("every command is either on record or named as one that is not", () => {
  const program = buildProgram({} as CommandContext, "", () => {});
  const names = leaves(program).map(commandName).sort();
  expect([...Object.keys(recordedCommands), ...unrecordedCommands].sort()).toEqual(names);
});

test("a record names only options and arguments that the command has", () => {
  const program = buildProgram({} as CommandContext, "", () => {});
  for (const command of leaves(program)) {
    const { options = [], arguments: given = [] } = recordedCommands[commandName(command)] ?? {};
    const known = command.options.map((option) => option.attributeName());
    expect(options.filter((name) => !known.includes(name))).toEqual([]);
    const inHelp = command.registeredArguments.map((argument) => argument.name());
    expect(given.filter((name) => !inHelp.includes(name))).toEqual([]);
  }
});

test("a command is on record with the user of the operating system, what was asked, and how it ended; secrets are not", async () => {
  const password = "a bell under the bridge";
  const create = ["users", "create", "--email", "dana@acme.example", "--role", "auditor", "--password-stdin"];
  const secret = ["--metrics-token", "a-secret-of-the-installation"];
  expect((await daybook([...create, ...secret], `${password}\n`)).code).toBe(0);
  expect((await daybook(["search", "actor:dana", "outcome:failure", "--since", "7d", "--json"])).code).toBe(0);
  expect((await daybook(["users", "disable", "nobody@acme.example"])).code).toBe(1);
  expect(await daybook(["settings", "set", "brandName", "Acme"])).toMatchObject({ code: 0 });
  const who = { actor_id: userInfo().username, auth: 4 };
  expect(await runs()).toEqual([
    {
      ...who,
      outcome: 0,
      summary: expect.stringContaining("ran users create at the command line"),
      details: {
        command: "users create",
        arguments: {},
        options: { email: "dana@acme.example", role: "auditor", passwordStdin: true },
        exitCode: 0,
      },
    },
    {
      ...who,
      outcome: 0,
      summary: expect.any(String),
      details: {
        command: "search",
        arguments: { query: "actor:dana outcome:failure" },
        options: { since: "7d", limit: "50", order: "desc" },
        exitCode: 0,
      },
    },
    {
      ...who,
      outcome: 1,
      summary: expect.stringContaining("failed"),
      details: { command: "users disable", arguments: { email: "nobody@acme.example" }, options: {}, exitCode: 1 },
    },
    {
      ...who,
      outcome: 0,
      summary: expect.any(String),
      details: { command: "settings set", arguments: { name: "brandName" }, options: {}, exitCode: 0 },
    },
  ]);
  const stored = await server.deps.ownerDb.query("select event::text as row from event");
  for (const { row } of stored.rows) {
    expect(row).not.toContain(password);
    expect(row).not.toContain("a-secret-of-the-installation");
  }
});

test("commands that show no personal data and change nothing leave no trace; wrong usage neither", async () => {
  const before = (await runs()).length;
  expect(await daybook(["checkpoint"])).toMatchObject({ code: 0 });
  expect((await daybook(["keys", "create", "--name", "x", "--scope", "nonsense"])).code).toBe(2);
  expect(await runs()).toHaveLength(before);
});
