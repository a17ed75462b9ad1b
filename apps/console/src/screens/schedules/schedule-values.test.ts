import type { Schedule } from "@daybook/contract";
import { expect, test } from "vitest";
import { inputOf, newValues, valuesOf } from "./schedule-values.ts";

const schedule: Schedule = {
  name: "nightly-backup",
  kind: "task",
  state: "up",
  stateReason: "The last run worked.",
  inWords: "daily at 02:00 UTC",
  source: "api",
  recentRuns: [],
  cron: "0 2 * * *",
  timeZone: "Europe/Berlin",
  task: { type: "instance.backup", payload: { keepDays: 14 }, node: "hv-1" },
  graceSeconds: 900,
  maxRunSeconds: 7200,
  catchUp: "all",
  overlap: "queue",
  jitterSeconds: 60,
  paused: true,
};

test("a schedule that is saved as it was read stays the same", () => {
  const {
    name: _,
    kind: __,
    state: ___,
    stateReason: ____,
    inWords: _____,
    source: ______,
    recentRuns: _______,
    ...input
  } = schedule;
  expect(inputOf(valuesOf(schedule), schedule)).toEqual(input);
});

test("without a type it is a monitored one", () => {
  expect(inputOf({ ...newValues, name: "x", payload: "" }, undefined)).not.toHaveProperty("task");
});

test("a payload that is no JSON is said", () => {
  expect(inputOf({ ...newValues, type: "a.b", payload: "{" }, undefined)).toContain("not JSON");
});
