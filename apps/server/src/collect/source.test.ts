import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readLines } from "./lines.ts";
import { compareRotated, findSources, type Source } from "./source.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "daybook-source-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const files = /\.log(\.\d+)?(\.gz)?$/;
const none = () => Readable.from([]);
const find = (paths: string[], stdin = none) => findSources(paths, files, 1_000, stdin);
const path = (name: string) => join(folder, name);

async function linesOf(source: Source | undefined): Promise<string[]> {
  const lines: string[] = [];
  if (source) for await (const line of readLines(source.open())) lines.push(line.text);
  return lines;
}

describe("the sources of an import", () => {
  it("are the files of a folder whose names match, rotated ones oldest first, hidden and rejected ones left out", async () => {
    mkdirSync(path("sub"));
    for (const name of [
      "b.log",
      "a.log",
      "a.log.1",
      "a.log.10.gz",
      "a.log.2.gz",
      "x.txt",
      ".a.log",
      "a.log.rejected.ndjson",
      "sub/c.log",
    ])
      writeFileSync(path(name), "");
    const sources = await find([folder]);
    expect(sources.map((source) => source.name.slice(folder.length + 1))).toEqual([
      "a.log.10.gz",
      "a.log.2.gz",
      "a.log.1",
      "a.log",
      "b.log",
      "sub/c.log",
    ]);
    expect(new Set(sources.map((source) => basename(source.series)))).toEqual(new Set(["a.log", "b.log", "c.log"]));
    expect(sources.every((source) => source.found)).toBe(true);
  });

  it("are taken whatever their name when they are named, in the order given", async () => {
    writeFileSync(path("x.txt"), "");
    writeFileSync(path("a.log"), "");
    const sources = await find([path("x.txt"), path("a.log")]);
    expect(sources.map((source) => [basename(source.name), source.found])).toEqual([
      ["x.txt", false],
      ["a.log", false],
    ]);
  });

  it("are an error when a path is not there, or a folder holds nothing", async () => {
    await expect(find([path("none.log")])).rejects.toThrow(/no file or folder/);
    await expect(find([folder])).rejects.toThrow(/No file to import/);
  });

  it("know when the file was written, and how large it is", async () => {
    writeFileSync(path("a.log"), "12345");
    utimesSync(path("a.log"), 1_700_000_000, 1_700_000_000);
    expect((await find([path("a.log")]))[0]).toMatchObject({ modifiedAt: 1_700_000_000_000, bytes: 5 });
    expect((await find(["-"]))[0]).toMatchObject({ modifiedAt: 1_000, bytes: undefined });
  });

  it("unpack gzip whatever the name, also several in a row, and standard input", async () => {
    const packed = Buffer.concat([gzipSync("one\n"), gzipSync("two\n")]);
    writeFileSync(path("a.log"), packed);
    expect(await linesOf((await find([path("a.log")]))[0])).toEqual(["one", "two"]);
    expect(await linesOf((await find(["-"], () => Readable.from([packed])))[0])).toEqual(["one", "two"]);
  });

  it("tell of an archive that breaks off, after what it held", async () => {
    const text = Array.from({ length: 50_000 }, (_, number) => `line ${number} ${Math.sin(number)}`).join("\n");
    const packed = gzipSync(text);
    writeFileSync(path("a.log.gz"), packed.subarray(0, packed.length / 2));
    const [source] = await find([path("a.log.gz")]);
    const lines: string[] = [];
    const read = async () => {
      if (source) for await (const line of readLines(source.open())) lines.push(line.text);
    };
    await expect(read()).rejects.toThrow(/unexpected end of file/);
    expect(lines.length).toBeGreaterThan(1_000);
    expect(lines[0]).toBe("line 0 0");
  });

  it("understand a byte order mark and UTF-16", async () => {
    writeFileSync(path("a.log"), "\uFEFFgrüße\r\nzwei");
    writeFileSync(path("b.log"), Buffer.from("\uFEFFgrüße\r\nzwei", "utf16le"));
    for (const source of await find([folder])) expect(await linesOf(source)).toEqual(["grüße", "zwei"]);
  });

  it("count the bytes that were read from disk", async () => {
    writeFileSync(path("a.log.gz"), gzipSync("x\n".repeat(100_000)));
    const [source] = await find([path("a.log.gz")]);
    let bytes = 0;
    if (source)
      for await (const _ of source.open((read) => {
        bytes += read;
      }));
    expect(bytes).toBe(source?.bytes);
  });
});

describe("rotated names", () => {
  it("sort by age inside a series", () => {
    const names = ["b.log", "a.log", "a.log-20261101.gz", "a.log-20261108"];
    expect(names.sort(compareRotated)).toEqual(["a.log-20261101.gz", "a.log-20261108", "a.log", "b.log"]);
  });
});
