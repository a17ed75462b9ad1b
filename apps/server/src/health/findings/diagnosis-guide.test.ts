import { readFileSync } from "node:fs";
import { findingCodes } from "@daybook/contract";
import { expect, test } from "vitest";

const guide = readFileSync(new URL("../../../../../docs/guides/diagnosis.md", import.meta.url), "utf8");
/** Its parts by code. */
const parts = new Map(
  guide
    .split(/^## /m)
    .slice(1)
    .map((part) => [/^`(\w+)`/.exec(part)?.[1], part]),
);

test("the guide has a part for every finding, and none for one that there is not", () => {
  expect([...parts.keys()]).toEqual([...findingCodes]);
});

test.each(findingCodes)("the part of %s says what causes it and how to mend it", (code) => {
  expect(parts.get(code)).toMatch(/\*\*Cause\.\*\* \S[\s\S]+\*\*Mend\.\*\* \S/);
});
