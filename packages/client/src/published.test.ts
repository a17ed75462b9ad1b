import { execFile, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type RemoteServer, remoteServer, temporaryDirectory } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

const sources = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"));
const read = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");

test("only the file spool needs Node, and nothing needs another package", () => {
  for (const name of sources) {
    const imports = [...read(name).matchAll(/(?:^|\n)(import|export) (type )?[^;"]*? from "([^"]+)"/g)];
    const packages = imports
      .filter(([, , , from]) => !from?.startsWith("./"))
      .map(([, , type, from]) => `${type ?? ""}${from}`);
    const allowed = name === "file-spool.ts" ? /^node:/ : /^type @daybook\/contract$/;
    expect(
      packages.filter((one) => !allowed.test(one)),
      name,
    ).toEqual([]);
    if (name !== "file-spool.ts")
      expect(read(name), name).not.toMatch(/\b(Buffer|process)\.\w|\b(setImmediate|require)\(/);
  }
  const { dependencies } = JSON.parse(readFileSync(join(import.meta.dirname, "../package.json"), "utf8"));
  expect(dependencies).toBeUndefined();
});

/** A Node 20 of this machine. */
const node20 = (process.env.PATH ?? "")
  .split(delimiter)
  .map((directory) => join(directory, "node"))
  .filter((path) => existsSync(path))
  .find((path) => execFileSync(path, ["--version"], { encoding: "utf8" }).startsWith("v20."));
if (node20 === undefined) process.stderr.write("The client is not tried on Node 20: there is none in PATH.\n");

let server: RemoteServer;
beforeAll(async () => {
  if (node20 !== undefined) server = await remoteServer(["tasks:write", "events:write", "events:read"]);
});
afterAll(() => server?.close());

test.skipIf(node20 === undefined)("it works on Node 20 when its types are taken out", async () => {
  const directory = temporaryDirectory("daybook client");
  mkdirSync(join(directory, "client"));
  writeFileSync(join(directory, "package.json"), '{"type":"module"}');
  for (const name of sources) {
    const text = stripTypeScriptTypes(read(name)).replaceAll(/(from ".\/[\w-]+)\.ts"/g, '$1.js"');
    writeFileSync(join(directory, "client", name.replace(/\.ts$/, ".js")), text);
  }
  const program = `
    import { Daybook } from "./client/index.js";
    import { FileSpool } from "./client/file-spool.js";
    const [url, key] = process.argv.slice(2);
    const daybook = new Daybook({ url, key, events: { spool: new FileSpool("spool") } });
    daybook.events.record({ action: "demo.node20" });
    const task = daybook.tasks.start({ type: "demo.node20" });
    task.line(process.version);
    await task.complete();
    await daybook.close();
    console.log(task.id);`;
  writeFileSync(join(directory, "program.js"), program);
  const given = ["program.js", server.line.address, server.key.key];
  const { stdout } = await promisify(execFile)(node20 ?? "", given, { cwd: directory, timeout: 30_000 });
  const id = stdout.trim();
  expect(await server.read(`/tasks/${id}`)).toMatchObject({
    status: "completed",
    lastLine: expect.stringMatching(/^v20\./),
  });
  expect(await server.read("/events?q=action:demo.node20")).toMatchObject({ total: { value: 1 } });
});
