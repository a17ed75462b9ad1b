import { expect, test } from "vitest";
import { knownLocale, relativeTime } from "./moment-text.ts";

test("the time since is told in the largest unit that fits, and never as ahead", () => {
  const now = Date.parse("2026-11-21T12:00:00Z");
  const ago = (seconds: number, locale = "en") => relativeTime(now - seconds * 1000, now, locale);
  expect(ago(0)).toBe("now");
  expect(ago(-30)).toBe("now");
  expect(ago(59)).toContain("59 sec");
  expect(ago(60)).toContain("1 min");
  expect(ago(3 * 3600)).toContain("3 hr");
  expect(ago(86_400)).toBe("yesterday");
  expect(ago(180, "de")).toBe("vor 3 Min.");
});

test("a locale that is none gives the visitor's own", () => {
  expect(knownLocale("de-at")).toBe("de-AT");
  for (const none of [null, "", "not a locale", "x"]) expect(knownLocale(none)).toBeUndefined();
});
