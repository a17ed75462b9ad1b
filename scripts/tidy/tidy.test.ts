import { expect, test } from "vitest";
import { checkDependencies, checkLock } from "./dependencies.ts";
import { checkImports } from "./imports.ts";
import { checkSizes } from "./sizes.ts";
import { checkWords } from "./words.ts";

const repository = "/somewhere/checkout/";
const messages = (found: { message: string }[]) => found.map(({ message }) => message);

test("the contract may import zod and itself", () => {
  const file = (text: string) => ({ path: "packages/contract/src/x.ts", text });
  expect(checkImports(file('import { z } from "zod";\nimport { y } from "./y.ts";'))).toEqual([]);
  expect(checkImports(file('import { readFileSync } from "node:fs";'))).toHaveLength(1);
  expect(checkImports(file('export * from "../../testkit/src/x.ts";'))).toHaveLength(1);
});

test("plumbing, stores and rules do not import upwards", () => {
  const from = (path: string, target: string) => checkImports({ path, text: `import { x } from "${target}";` }).length;
  expect(from("apps/server/src/db/pool.ts", "../record/record.ts")).toBe(1);
  expect(from("apps/server/src/record/record.ts", "../app.ts")).toBe(1);
  expect(from("apps/server/src/record/record.ts", "./event-routes.ts")).toBe(1);
  expect(from("apps/server/src/access/me.ts", "../commands/users.ts")).toBe(1);
  expect(from("apps/server/src/app.ts", "./record/event-routes.ts")).toBe(0);
  expect(from("apps/server/src/record/event-routes.ts", "../db/pool.ts")).toBe(0);
  expect(from("apps/console/src/main.tsx", "../../server/src/config.ts")).toBe(1);
  expect(from("apps/server/src/record/record.ts", "@daybook/testkit")).toBe(1);
  expect(from("apps/server/src/record/record.test.ts", "@daybook/testkit")).toBe(0);
});

test("an import over several lines is seen, with its line", () => {
  const found = checkImports({
    path: "apps/server/src/db/x.ts",
    text: 'import {\n  a,\n  b,\n} from "../record/record.ts";\n',
  });
  expect(found).toMatchObject([{ line: 4 }]);
});

test("a file of more than 300 lines and a function of more than 70 are found", () => {
  const path = "apps/server/src/x.ts";
  expect(checkSizes({ path, text: "a;\n".repeat(300) })).toEqual([]);
  expect(checkSizes({ path, text: "a;\n".repeat(301) })).toHaveLength(1);
  const body = (lines: number) => "  a;\n".repeat(lines);
  expect(checkSizes({ path, text: `function f(): void {\n${body(68)}}\n` })).toEqual([]);
  expect(checkSizes({ path, text: `function f(): void {\n${body(69)}}\n` })).toMatchObject([{ line: 1 }]);
  expect(
    checkSizes({ path, text: `export async function f(\n  a: string,\n): Promise<void> {\n${body(70)}}\n` }),
  ).toHaveLength(1);
  expect(checkSizes({ path, text: `export const f = async (a: string) => {\n${body(70)}};\n` })).toHaveLength(1);
  expect(checkSizes({ path, text: `class A {\n  #f(): void {\n${"    a;\n".repeat(70)}  }\n}\n` })).toHaveLength(1);
  expect(checkSizes({ path, text: `export function registerXRoutes(): void {\n${body(80)}}\n` })).toEqual([]);
  expect(checkSizes({ path, text: `const table = {\n${body(100)}};\n` })).toEqual([]);
});

test("names that say nothing are refused", () => {
  for (const path of ["apps/server/src/utils/x.ts", "apps/server/src/record/helpers.ts", "packages/common/index.ts"])
    expect(checkWords({ path, text: "" }, repository), path).toHaveLength(1);
  expect(checkWords({ path: "apps/server/src/record/event-types.ts", text: "" }, repository)).toEqual([]);
});

test("words of prose are looked for in comments and documents, not in code", () => {
  const found = (path: string, text: string) => messages(checkWords({ path, text }, repository)).length;
  expect(found("docs/x.md", "It simply works.")).toBe(1);
  expect(found("docs/x.md", "`scroll-behavior` and\n```\nbehavior\n```\n")).toBe(0);
  expect(found("apps/server/src/x.ts", "// The behavior of it\n")).toBe(1);
  expect(found("apps/server/src/x.ts", 'element.scrollTo({ behavior: "smooth" });\n')).toBe(0);
});

test("left-overs and the environment are found in code, not in comments", () => {
  const found = (path: string, text: string) => messages(checkWords({ path, text }, repository)).length;
  expect(found("apps/server/src/x.test.ts", 'test.only("x", () => {});')).toBe(1);
  expect(found("apps/server/src/x.ts", "const x = y as any;")).toBe(1);
  expect(found("apps/server/src/x.ts", "// @ts-ignore\n")).toBe(1);
  expect(found("apps/server/src/x.ts", "const x = process.env.HOME;")).toBe(1);
  expect(found("apps/server/src/main.ts", "const x = process.env.HOME;")).toBe(0);
  expect(found("apps/server/src/x.ts", "// never process.env\n")).toBe(0);
});

test("a directory of this machine and a package registry are found", () => {
  const found = (text: string) => messages(checkWords({ path: "docs/x.md", text }, repository)).length;
  expect(found("see /somewhere/checkout/data")).toBe(1);
  expect(found('"resolved": "https://registry.example.org/zod"')).toBe(1);
  expect(found("see https://example.org/")).toBe(0);
});

test("a dependency and its line in docs/dependencies.md go together", () => {
  const manifest = {
    path: "apps/server/package.json",
    text: '{"dependencies":{"pg":"8","zod":"4","@daybook/contract":"0"}}',
  };
  const page = { path: "docs/dependencies.md", text: "| package | licence |\n|---|---|\n| pg, left-pad | MIT |\n" };
  expect(messages(checkDependencies([manifest, page]))).toEqual([
    "zod has no line: licence, and what it saves",
    "nobody depends on left-pad",
  ]);
});

test("a lock file without the packages of other platforms is found", () => {
  const lock = (packages: object) => ({ path: "package-lock.json", text: JSON.stringify({ packages }) });
  const tool = { optionalDependencies: { "@tool/linux": "1", "@tool/mac": "1" } };
  const linux = { "node_modules/tool": tool, "node_modules/@tool/linux": {} };
  expect(checkLock(lock(linux))).toHaveLength(1);
  expect(checkLock(lock({ ...linux, "node_modules/tool/node_modules/@tool/mac": {} }))).toEqual([]);
});
