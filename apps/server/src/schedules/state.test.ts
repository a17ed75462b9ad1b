import { describe, expect, test } from "vitest";
import { howLong, type StateFacts, stateOf } from "./state.ts";

const due = Date.parse("2026-01-02T02:00:00Z");
const day = 86_400_000;

const facts: StateFacts = {
  kind: "monitored",
  pausedMs: undefined,
  graceSeconds: 300,
  next: { dueMs: due, startMs: due },
  ended: { state: "succeeded", atMs: due - day, durationMs: 12_000 },
  open: undefined,
  nowMs: due - 3_600_000,
};

test("up: the last run worked and no other is due", () => {
  expect(stateOf(facts)).toEqual({ state: "up", reason: "The run of 2026-01-01 02:00 UTC succeeded in 12 s." });
});

test("new: there was no run", () => {
  expect(stateOf({ ...facts, ended: undefined })).toEqual({ state: "new", reason: "It has not checked in yet." });
  expect(stateOf({ ...facts, kind: "task", ended: undefined }).reason).toBe("It has not run yet.");
});

test("late: due and not there, within its grace; nobody has to say so", () => {
  const late = stateOf({ ...facts, nowMs: due + 60_000 });
  expect(late.state).toBe("late");
  expect(late.reason).toBe("The run of 2026-01-02 02:00 UTC did not check in yet; 4 minutes of its grace are left.");
});

test("down: its grace is over, before anything has noted it", () => {
  const down = stateOf({ ...facts, nowMs: due + 301_000 });
  expect(down).toEqual({
    state: "down",
    reason: "The run of 2026-01-02 02:00 UTC did not check in by 2026-01-02 02:05 UTC.",
  });
});

test.each([
  ["failed", "exit code 3", "The run of 2026-01-01 02:00 UTC failed: exit code 3."],
  ["missed", undefined, "The run of 2026-01-01 02:00 UTC was missed."],
  ["lost", "not heard of for a day.", "The run of 2026-01-01 02:00 UTC was lost: not heard of for a day."],
] as const)("down: the last run %s", (state, reason, told) => {
  expect(stateOf({ ...facts, ended: { state, atMs: due - day, reason } })).toEqual({ state: "down", reason: told });
});

test("paused goes before everything else", () => {
  const paused = { ...facts, pausedMs: due - 7_200_000, nowMs: due + day };
  expect(stateOf(paused)).toEqual({ state: "paused", reason: "Paused since 2026-01-02 00:00 UTC." });
});

describe("what Daybook runs itself", () => {
  const task = { ...facts, kind: "task" as const };

  test("has ten seconds in which the ticker comes round", () => {
    expect(stateOf({ ...task, nowMs: due + 9_000 }).state).toBe("up");
    const late = stateOf({ ...task, nowMs: due + 60_000 });
    expect(late.state).toBe("late");
    expect(late.reason).toContain("was not started yet");
    expect(late.reason).toContain("role worker");
    expect(stateOf({ ...task, graceSeconds: 0, nowMs: due + 60_000 }).state).toBe("down");
  });

  test("is not late for its jitter", () => {
    const jittered = { ...task, next: { dueMs: due, startMs: due + 600_000 }, nowMs: due + 590_000 };
    expect(stateOf(jittered).state).toBe("up");
  });

  test("is late and then down when no worker takes its task", () => {
    const open = { dueMs: due - day, createdMs: facts.nowMs - 60_000, startedMs: undefined };
    expect(stateOf({ ...task, open })).toEqual({
      state: "late",
      reason: "Its run has been waiting for a worker for 60 s.",
    });
    expect(stateOf({ ...task, open: { ...open, createdMs: facts.nowMs - 301_000 } }).state).toBe("down");
  });

  test("stays up while a run is under way", () => {
    const open = { dueMs: due - 3_600_000, createdMs: facts.nowMs - 60_000, startedMs: facts.nowMs - 50_000 };
    expect(stateOf({ ...task, open }).reason).toBe(
      "The run of 2026-01-01 02:00 UTC succeeded in 12 s. One has been running for 50 s.",
    );
    expect(stateOf({ ...task, ended: undefined, open }).state).toBe("new");
  });
});

test("lengths of time have two figures", () => {
  expect([450, 12_000, 240_000, 10_800_000, 259_200_000].map(howLong)).toEqual([
    ...["450 ms", "12 s", "4 minutes", "3 hours", "3 days"],
  ]);
});
