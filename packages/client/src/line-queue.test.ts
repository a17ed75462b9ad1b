import { expect, test } from "vitest";
import { LineQueue } from "./line-queue.ts";

test("a batch has at most 500 lines, and is the same until it was sent", () => {
  const queue = new LineQueue(7);
  for (let n = 0; n < 700; n++) queue.add(`line ${n}`, "out");
  const first = queue.batch();
  expect(first).toEqual(queue.batch());
  expect([first.from, first.lines.length]).toEqual([7, 500]);
  queue.sent(500);
  const second = queue.batch();
  expect([second.from, second.lines.length, second.lines[0]?.text]).toEqual([507, 200, "line 500"]);
});

test("long lines make smaller batches, and what is beyond all measure is cut", () => {
  const queue = new LineQueue(0);
  for (let n = 0; n < 40; n++) queue.add("x".repeat(1_000_000), "out");
  const { lines } = queue.batch();
  expect(lines.length).toBe(12);
  expect(lines[0]?.text.length).toBe(16_384);
});

test("a text is cut into lines where the server cuts it", () => {
  const queue = new LineQueue(0);
  queue.add("one\ntwo\r\nthree\rfour\n", "err");
  queue.add("", "out");
  expect(queue.batch().lines.map(({ text }) => text)).toEqual(["one", "two\r", "three\rfour", ""]);
});

test("of lines that find no room only their number is told, where they would have been", () => {
  const queue = new LineQueue(0);
  for (let n = 0; n < 100_250; n++) queue.add("x", "out");
  expect(queue.waiting).toBe(100_000);
  expect(queue.crowded).toBe(true);
  queue.batch();
  queue.sent(500);
  queue.add("after", "out");
  const rest: string[] = [];
  while (queue.waiting > 0) {
    const { lines } = queue.batch();
    rest.push(...lines.map(({ text }) => text));
    queue.sent(lines.length);
  }
  expect(rest.slice(-2)).toEqual([expect.stringMatching(/^… 250 lines were left out here/), "after"]);
});
