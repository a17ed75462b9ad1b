import { describe, expect, it } from "vitest";
import { LINE_BYTES_MAX, type Line, readLines } from "./lines.ts";

async function lines(text: string | Buffer, chunkBytes: number): Promise<Line[]> {
  const bytes = Buffer.from(text);
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const found: Line[] = [];
  for await (const line of readLines(chunks())) found.push(line);
  return found;
}

describe("lines", () => {
  it("end with LF or CRLF, keep empty ones, and need no end at the last", async () => {
    for (const chunkBytes of [1, 3, 1_000]) {
      const found = await lines("one\r\n\nthrée\nfour", chunkBytes);
      expect(found.map((line) => line.text)).toEqual(["one", "", "thrée", "four"]);
      expect(found.map((line) => line.number)).toEqual([1, 2, 3, 4]);
    }
  });

  it("show bytes that are not UTF-8 as such, and go on", async () => {
    const found = await lines(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0x63]), 2);
    expect(found.map((line) => line.text)).toEqual(["a\uFFFDb", "c"]);
  });

  it("that are too long are cut and marked, and the next is whole", async () => {
    const [long, next] = await lines(`${"x".repeat(LINE_BYTES_MAX + 5)}\nnext`, 65_536);
    expect(long).toMatchObject({ number: 1, tooLong: true });
    expect(long?.text.length).toBe(LINE_BYTES_MAX);
    expect(next).toEqual({ number: 2, text: "next" });
  });
});
