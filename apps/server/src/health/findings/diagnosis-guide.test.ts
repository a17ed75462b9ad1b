import { readFileSync } from "node:fs";
import { findingCodes } from "@daybook/contract";
import { expect, test } from "vitest";
import { settings } from "../../settings.ts";

const known = new Set(Object.values(settings).map((setting) => setting.env));

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

test("the services that findings tell to start are there, and their settings too", () => {
  const units = new URL("../../../../../deploy/systemd/", import.meta.url);
  const starts = ["daybook", "daybook-worker"].map((name) => {
    const unit = readFileSync(new URL(`${name}.service`, units), "utf8");
    for (const [, env] of unit.matchAll(/\b(DAYBOOK_\w+|DATABASE_URL)=/g)) expect(known.has(env ?? ""), env).toBe(true);
    return /^ExecStart=.*daybook\.js (.*)$/m.exec(unit)?.[1];
  });
  expect(starts).toEqual(["start", "start --role worker"]);
});
