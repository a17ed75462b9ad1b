import { expect, test } from "vitest";
import { sampleData, sampleOf, sampleText } from "./token-values.ts";

test("a sample comes back from its field as what it was", () => {
  for (const sample of ["Dana", "42", 42, true, "true", null, "", ["a", 1], { street: "Quay 4" }, "  two  words "])
    expect(sampleOf(sampleText(sample))).toEqual(sample);
  expect(sampleOf("  ")).toBeUndefined();
});

test("samples become the data that a template is rendered with", () => {
  expect(
    sampleData([
      { name: "user.name", sample: "Dana", required: true, secret: false },
      { name: "user.email", required: false, secret: false },
      { name: "items", sample: [{ name: "VPS" }], required: false, secret: false },
    ]),
  ).toEqual({ user: { name: "Dana", email: "[user.email]" }, items: [{ name: "VPS" }] });
});

test("a token below one that has a sample of its own is put into it", () => {
  expect(
    sampleData([
      { name: "user", sample: { id: "7" }, required: false, secret: false },
      { name: "user.name", sample: "Dana", required: false, secret: false },
    ]),
  ).toEqual({ user: { id: "7", name: "Dana" } });
});
