import { describe, expect, it } from "vitest";
import { contentId, Occurrences } from "./identity.ts";

describe("an id made of content", () => {
  const at = Date.parse("2026-11-20T10:11:12.345Z");

  it("is a version 8 UUID that begins with the time", () => {
    const id = contentId(at, "some line");
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(at);
  });

  it("is the same for the same content and another for any other", () => {
    expect(contentId(at, "some line")).toBe(contentId(at, "some line"));
    const ids = new Set(Array.from({ length: 20_000 }, (_, number) => contentId(at, `line ${number}`)));
    expect(ids.size).toBe(20_000);
  });
});

describe("occurrences", () => {
  it("number identical lines", () => {
    const occurrences = new Occurrences();
    expect([occurrences.next("a", 1), occurrences.next("b", 1), occurrences.next("a", 1)]).toEqual([1, 1, 2]);
  });

  it("keep a line that goes on occurring, among ever so many others", () => {
    const occurrences = new Occurrences();
    for (let number = 1; number <= 120_000; number++) {
      occurrences.next(`other ${number}`, number);
      if (number % 1_000 === 0) expect(occurrences.next("a", 0)).toBe(number / 1_000);
    }
  });

  it("keep those of one instant when a file goes on in the next", () => {
    const occurrences = new Occurrences();
    occurrences.next("a", 1);
    occurrences.next("b", 2);
    occurrences.keepOnly(2);
    expect([occurrences.next("a", 1), occurrences.next("b", 2)]).toEqual([1, 2]);
  });
});
