import type { TemplateFault } from "@daybook/contract";
import { expect, test } from "vitest";
import { marksOf } from "./marks.ts";

const text = "<p>\n  Dear {{ user.nme }}, hello\n</p>";
const fault = (place: Partial<TemplateFault>): TemplateFault => ({
  severity: "warning",
  part: "html",
  code: "unknown_token",
  message: "user.nme is not a token",
  ...place,
});
const marked = (place: Partial<TemplateFault>) =>
  marksOf([fault(place)], text).map(({ from, to }) => text.slice(from, to))[0];

test("a fault marks the whole output it is in, or the word", () => {
  expect(marked({ line: 2, column: 8 })).toBe("{{ user.nme }}");
  expect(marked({ line: 2, column: 11 })).toBe("user.nme");
});

test("a fault without a column marks its line, and one without a line the first", () => {
  expect(marked({ line: 2 })).toBe("  Dear {{ user.nme }}, hello");
  expect(marked({})).toBe("<p>");
});

test("a fault of text that is gone by now stays inside the text", () => {
  for (const place of [
    { line: 40, column: 3 },
    { line: 3, column: 90 },
    { line: 0, column: 0 },
  ])
    for (const { from, to } of marksOf([fault(place)], text)) {
      expect(from).toBeGreaterThanOrEqual(0);
      expect(to).toBeLessThanOrEqual(text.length);
    }
});
