import type { Template } from "@daybook/contract";
import { expect, test } from "vitest";
import { inputOf, isEmpty, isOvertaken, noDraft, withShared, withText } from "./draft.ts";

const template: Template = {
  name: "welcome",
  title: "Welcome",
  kind: "template",
  shipped: false,
  changed: true,
  locales: ["en"],
  locale: "en",
  version: 4,
  subject: "Hello",
  html: "<p>Hello</p>",
  tokens: [],
  layout: true,
  unsubscribe: false,
  faults: [],
};

test("a text that is typed back to what is saved is no change any more", () => {
  const changed = withText(noDraft, template, "en", { subject: "Hi" });
  expect(changed.texts.en?.subject).toBe("Hi");
  expect(isEmpty(withText(changed, template, "en", { subject: "Hello" }))).toBe(true);
});

test("a save says which version it began from, even after the template was read anew", () => {
  const changed = withText(noDraft, template, "en", { html: "<p>Hi</p>" });
  const newer = { ...template, version: 5, html: "<p>Theirs</p>" };
  const further = withText(changed, newer, "en", { subject: "Hi" });
  expect(isOvertaken(further, template, "en")).toBe(false);
  expect(isOvertaken(further, newer, "en")).toBe(true);
  expect(inputOf(newer, "en", further, "")).toMatchObject({ basedOn: 4, html: "<p>Hi</p>", subject: "Hi" });
});

test("a locale that is new is begun from nothing, and stays unsaved though it says the same as its fallback", () => {
  const added = withText(noDraft, template, "de", {});
  expect(isOvertaken(added, template, "de")).toBe(false);
  expect(isOvertaken(added, { ...template, locales: ["en", "de"], version: 1 }, "de")).toBe(true);
  expect(added.texts.de).toMatchObject({ base: null, subject: "Hello" });
  expect(inputOf(template, "de", added, " first ")).toEqual({ subject: "Hello", html: "<p>Hello</p>", note: "first" });
});

test("what holds for all locales is sent only if it was changed, and the tokens of a shipped template never", () => {
  expect(inputOf(template, "en", withText(noDraft, template, "en", { subject: "Hi" }), "")).not.toHaveProperty("title");
  const renamed = withShared(noDraft, template, { title: "Greeting" });
  expect(inputOf(template, "en", renamed, "")).toMatchObject({ title: "Greeting", tokens: [], basedOn: 4 });
  const shipped = { ...template, shipped: true };
  expect(inputOf(shipped, "en", withShared(noDraft, shipped, { layout: false }), "")).not.toHaveProperty("tokens");
  expect(isEmpty(withShared(renamed, template, { title: "Welcome" }))).toBe(true);
});
