import { sampleEvent } from "@daybook/testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eraseGroups, erasureFault } from "./erasure.ts";
import { erasedCommitments, leafEntry, leafGroups, leafHashOf } from "./leaf.ts";
import { termsOf } from "./terms.ts";

const numbers = fc.nat({ max: 5_000 });
const groups = fc.subarray([...leafGroups], { minLength: 1 });

describe("erasing a group of an event", () => {
  it("keeps the leaf, whichever groups, in whatever order", () => {
    fc.assert(
      fc.property(numbers, groups, groups, (number, first, second) => {
        const { row, leafHash } = sampleEvent(number);
        const once = eraseGroups(row, first);
        const twice = eraseGroups(once, second);
        expect(leafHashOf(once, "main")).toBe(leafHash);
        expect(leafEntry(twice, "main")).toBe(leafEntry(row, "main"));
        expect(twice).toEqual(eraseGroups(row, [...first, ...second]));
        expect([erasureFault(row), erasureFault(once), erasureFault(twice)]).toEqual([undefined, undefined, undefined]);
      }),
    );
  });

  it("leaves nothing of the values behind, in columns, salts or search terms", () => {
    const { row } = sampleEvent(1, "main", { actorName: "Erika Beispiel", actorEmail: "erika@acme.example" });
    const erased = eraseGroups(row, ["who", "summary"]);
    expect(JSON.stringify(erased)).not.toMatch(/erika/i);
    expect(erased.salts.slice(0, 32)).toBe("0".repeat(32));
    expect(erased.salts).not.toContain(row.salts.slice(0, 32));
    expect(erased.salts.slice(32, 96)).toBe(row.salts.slice(32, 96));
    expect(erased.terms).toEqual(termsOf(erased));
    expect(erased.terms).not.toEqual(row.terms);
    expect(erased.targetName).toBe(row.targetName);
  });

  it("does not mark a group that the event does not have", () => {
    const { row } = sampleEvent(7, "main", { changes: null, details: null });
    expect(row.targetType).toBeNull();
    expect(eraseGroups(row, ["whom", "what"])).toEqual(row);
  });

  it("is refused by verification when an erased group still has a value", () => {
    const erased = eraseGroups(sampleEvent(1).row, ["who"]);
    expect(erasureFault({ ...erased, actorName: "Someone Else" })).toBe("who is marked as erased but has actorName");
    expect(erasureFault({ ...erased, actorType: 0 })).toBe("who is marked as erased but has actorType");
  });

  it("is refused by verification when the salts are written in another way", () => {
    const { salts } = eraseGroups(sampleEvent(1).row, ["who", "what"]);
    expect(Object.keys(erasedCommitments(salts) ?? {})).toEqual(["who", "what"]);
    const wrong = [
      `${salts}00`,
      salts.slice(0, -2),
      `1${salts.slice(1)}`,
      `${salts.slice(0, 128)}00`,
      `${salts.slice(0, 128)}15${salts.slice(130)}`,
      salts.slice(0, 126),
    ];
    for (const text of wrong) expect(erasedCommitments(text), text).toBeUndefined();
  });
});
