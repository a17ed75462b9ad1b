import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@daybook/testkit";
import { beforeEach, expect, test } from "vitest";
import { FileSpool } from "./file-spool.ts";

let directory: string;
beforeEach(() => {
  directory = join(temporaryDirectory("daybook spool"), "events");
});

const lines = (...names: string[]): string[] => names.map((name) => JSON.stringify({ name }));

test("what is kept comes out in its order, until it is forgotten", async () => {
  const spool = new FileSpool(directory);
  await spool.keep(lines("a", "b"));
  await spool.keep(lines("c"));
  const first = await spool.oldest();
  expect(first?.lines).toEqual(lines("a", "b", "c"));
  await spool.keep(lines("d"));
  expect((await spool.oldest())?.lines).toEqual(lines("a", "b", "c"));
  await first?.forget();
  const second = await spool.oldest();
  expect(second?.lines).toEqual(lines("d"));
  await second?.forget();
  expect(await spool.oldest()).toBeUndefined();
  expect(readdirSync(directory)).toEqual([]);
});

test("the files are for their owner alone", async () => {
  await new FileSpool(directory).keep(lines("a"));
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
});

test("what a process left behind is taken over, but for the line in which it ended", async () => {
  await new FileSpool(directory).keep(lines("a"));
  const [name = ""] = readdirSync(directory);
  const text = `${lines("b", "c").join("\n")}\n{"name":"d`;
  writeFileSync(join(directory, name.replace(/^.(.*)\.\d+\.open$/, "f$1.999999999.open")), text);
  const next = new FileSpool(directory);
  const found: string[] = [];
  for (let batch = await next.oldest(); batch !== undefined; batch = await next.oldest()) {
    found.push(...batch.lines);
    await batch.forget();
  }
  expect(found.sort()).toEqual(lines("a", "b", "c").sort());
  expect(readdirSync(directory)).toEqual([]);
});

test("a file that a living process writes is left to it", async () => {
  await new FileSpool(directory).keep(lines("a"));
  const [name = ""] = readdirSync(directory);
  const theirs = name.replace(/^.(.*)\.\d+\.open$/, `f$1.${process.ppid}.open`);
  writeFileSync(join(directory, theirs), `${lines("b").join("\n")}\n`);
  const next = new FileSpool(directory);
  const batch = await next.oldest();
  expect(batch?.lines).toEqual(lines("a"));
  await batch?.forget();
  expect(await next.oldest()).toBeUndefined();
});

test("beyond its room it keeps no more, and says so", async () => {
  const spool = new FileSpool(directory, { bytesMax: 30 });
  expect(await spool.keep(lines("a"))).toBe(true);
  expect(await spool.keep(lines("x".repeat(30)))).toBe(false);
  expect((await spool.oldest())?.lines).toEqual(lines("a"));
});

test("a directory that cannot be made is an error, not silence", async () => {
  const file = join(temporaryDirectory("daybook spool"), "file");
  writeFileSync(file, "");
  chmodSync(file, 0o600);
  await expect(new FileSpool(join(file, "below")).keep(lines("a"))).rejects.toThrow();
});
