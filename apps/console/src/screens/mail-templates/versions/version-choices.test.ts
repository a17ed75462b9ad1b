import type { Template, TemplateVersion } from "@daybook/contract";
import { expect, test } from "vitest";
import { comparables, firstPair } from "./version-choices.ts";

const text = { subject: "Hello", html: "<p>Hello</p>" };
const template: Template = {
  ...text,
  name: "welcome",
  title: "Welcome",
  kind: "template",
  shipped: true,
  changed: true,
  locales: ["en"],
  locale: "en",
  version: 2,
  tokens: [],
  layout: true,
  unsubscribe: false,
  faults: [],
  default: { subject: "Welcome", html: "<p>Welcome</p>" },
};
const version = (number: number): TemplateVersion => ({
  ...text,
  version: number,
  locale: "en",
  current: number === 2,
});
const versions = [version(3), version(2), version(1)];

test("the shipped text can be compared though it is not among the versions, and is there once", () => {
  expect(comparables(template, versions, undefined).map(({ key }) => key)).toEqual(["3", "2", "1", "0"]);
  expect(comparables(template, [...versions, version(0)], undefined)).toHaveLength(4);
});

test("at first what is current stands beside what was before it", () => {
  expect(firstPair(comparables(template, versions, undefined), "2")).toEqual(["1", "2"]);
});

test("unsaved changes stand beside what is current", () => {
  const all = comparables(template, versions, { ...text, text: null, subject: "Hi" });
  expect(firstPair(all, "2")).toEqual(["2", "editor"]);
});

test("the only text stands beside itself", () => {
  expect(firstPair(comparables({ ...template, version: 0 }, [], undefined), "0")).toEqual(["0", "0"]);
});
