import { describe, expect, it } from "vitest";
import { type JsonRecord, RECORD_BYTES_MAX, readJsonRecords } from "./json-records.ts";

async function records(text: string, chunkBytes = 7): Promise<JsonRecord[]> {
  const bytes = Buffer.from(text);
  const chunks = async function* () {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
  };
  const found: JsonRecord[] = [];
  for await (const record of readJsonRecords(chunks(), "Records|Events")) found.push(record);
  return found;
}

const values = (found: JsonRecord[]) =>
  found.map((record) => ("fault" in record ? record.fault.code : JSON.parse(record.text)));

describe("records of a JSON file", () => {
  const three = [{ a: 1, list: [1, { b: "]}" }] }, { a: 'quote " and \\ backslash\\' }, { a: "Records: [" }];

  it.each([
    ["one a line", three.map((one) => JSON.stringify(one)).join("\n")],
    ["an array", JSON.stringify(three)],
    ["an indented array", JSON.stringify(three, null, 2)],
    ["a wrapper", JSON.stringify({ Records: three })],
    ["an indented wrapper", JSON.stringify({ Records: three }, null, 2)],
    [
      "a wrapper among other members",
      JSON.stringify({ version: [1], Records: three, more: [{ x: 1 }], end: { y: [2] } }),
    ],
    [
      "several wrappers in a row",
      `${JSON.stringify({ Records: three.slice(0, 2) })}${JSON.stringify({ Events: three.slice(2) }, null, 1)}`,
    ],
    ["documents without line ends between them", three.map((one) => JSON.stringify(one)).join("")],
  ])("are found in %s, wherever a chunk ends", async (_, text) => {
    for (const chunkBytes of [1, 2, 7, 64, 100_000]) expect(values(await records(text, chunkBytes))).toEqual(three);
  });

  it("keep the line they begin on", async () => {
    expect((await records('{"Records":[\n{"a":1},\n\n{"a":2}]}')).map((record) => record.line)).toEqual([2, 4]);
    expect((await records('{"a":1}\n\n{"a":2}\n')).map((record) => record.line)).toEqual([1, 3]);
  });

  it("stand beside a broken line without being lost", async () => {
    expect((await records('{"a":\n{"a":2}\n{"a":3}')).map((record) => record.text)).toEqual([
      '{"a":',
      '{"a":2}',
      '{"a":3}',
    ]);
  });

  it("are told from scalars by the reader, not swallowed", async () => {
    expect(values(await records('[1, "two", {"a":3}, null]'))).toEqual([1, "two", { a: 3 }, null]);
  });

  it("that are cut off at the end of the file are a fault", async () => {
    expect(values(await records('{"Records":[{"a":1},{"a":'))).toEqual([{ a: 1 }, "truncated"]);
    expect(values(await records('{"Records":[{"a":1}'))).toEqual([{ a: 1 }, "truncated"]);
  });

  it("that are too large are a fault, and the next one is read", async () => {
    const large = { a: "x".repeat(RECORD_BYTES_MAX) };
    expect(values(await records(JSON.stringify({ Records: [large, { a: 2 }] }), 65_536))).toEqual([
      "record_too_large",
      { a: 2 },
    ]);
  });

  it("are none in an empty file", async () => {
    expect(await records("")).toEqual([]);
    expect(await records('{"Records":[]}')).toEqual([]);
  });
});
