import { catchUpPolicies, overlapPolicies } from "@daybook/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { considerDue, type DueQuestion, type DueRun } from "./due.ts";
import { nextTime, timesBetween } from "./schedule-times.ts";

const at = (text: string): number => Date.parse(text);

const hourly: DueQuestion = {
  name: "sync",
  cron: "0 * * * *",
  timeZone: "UTC",
  catchUp: "once",
  overlap: "skip",
  jitterSeconds: 0,
  dueMs: at("2026-01-01T02:00:00Z"),
  nowMs: at("2026-01-01T02:00:00.300Z"),
  open: false,
  waiting: 0,
};

const brief = (runs: DueRun[]): string[] =>
  runs.map(({ dueMs, act }) => `${new Date(dueMs).toISOString().slice(11, 16)} ${act}`);

test("a time that has come starts a run, and the next time is due", () => {
  const answer = considerDue(hourly);
  expect(brief(answer.runs)).toEqual(["02:00 start"]);
  expect(answer.runs[0]?.reason).toBeUndefined();
  expect(answer.next?.dueMs).toBe(at("2026-01-01T03:00:00Z"));
});

test("before its time nothing happens, as after a clock that went back", () => {
  const answer = considerDue({ ...hourly, nowMs: at("2026-01-01T01:20:00Z") });
  expect(answer).toMatchObject({ runs: [], next: { dueMs: hourly.dueMs } });
});

describe("a run before that is still under way", () => {
  test("skip leaves the new one out and says why", () => {
    const [run] = considerDue({ ...hourly, open: true }).runs;
    expect(run).toMatchObject({ act: "skip", reason: "Left out: the run before was still under way (overlap: skip)." });
  });

  test("queue lets it wait, behind those that wait", () => {
    expect(brief(considerDue({ ...hourly, overlap: "queue", open: true }).runs)).toEqual(["02:00 wait"]);
    expect(brief(considerDue({ ...hourly, overlap: "queue", waiting: 1 }).runs)).toEqual(["02:00 wait"]);
  });

  test("a queue is not endless", () => {
    const [run] = considerDue({ ...hourly, overlap: "queue", open: true, waiting: 100 }).runs;
    expect(run).toMatchObject({ act: "skip", reason: "Left out: 100 runs are waiting already." });
  });

  test("allow starts it", () => {
    expect(brief(considerDue({ ...hourly, overlap: "allow", open: true }).runs)).toEqual(["02:00 start"]);
  });
});

describe("times that were missed", () => {
  const missed = { ...hourly, nowMs: at("2026-01-01T05:30:00Z") };

  test("skip leaves all of them out", () => {
    const { runs, next } = considerDue({ ...missed, catchUp: "skip" });
    expect(brief(runs)).toEqual(["02:00 skip", "03:00 skip", "04:00 skip", "05:00 skip"]);
    expect(next?.dueMs).toBe(at("2026-01-01T06:00:00Z"));
  });

  test("once makes up for all with the last", () => {
    expect(brief(considerDue(missed).runs)).toEqual(["02:00 skip", "03:00 skip", "04:00 skip", "05:00 start"]);
  });

  test("once needs nothing made up when a run is due now anyway", () => {
    const now = { ...missed, nowMs: at("2026-01-01T05:00:10Z") };
    const { runs } = considerDue(now);
    expect(brief(runs)).toEqual(["02:00 skip", "03:00 skip", "04:00 skip", "05:00 start"]);
    expect(runs.at(-1)?.reason).toBeUndefined();
  });

  test("all makes up each, one after the other", () => {
    const all = { ...missed, catchUp: "all" as const };
    expect(brief(considerDue(all).runs)).toEqual(["02:00 start", "03:00 wait", "04:00 wait", "05:00 wait"]);
    expect(brief(considerDue({ ...all, overlap: "allow" }).runs)).toEqual([
      "02:00 start",
      "03:00 start",
      "04:00 start",
      "05:00 start",
    ]);
  });

  test("a week of an every-minute schedule does not flood: twenty are kept, and the rest is told", () => {
    const week = { ...hourly, cron: "* * * * *", nowMs: hourly.dueMs + 7 * 86_400_000 + 30_500 };
    const { runs, unlisted, next } = considerDue({ ...week, catchUp: "skip" });
    expect(runs).toHaveLength(21);
    expect(runs[0]?.reason).toContain("All the times before it, from 2026-01-01T02:00Z, were left out as well.");
    expect(unlisted).toBe("many");
    expect(next?.dueMs).toBe(hourly.dueMs + 7 * 86_400_000 + 60_000);
    expect(considerDue({ ...week, catchUp: "all" }).runs).toHaveLength(1_000);
  });

  test("fewer are counted", () => {
    const hour = { ...hourly, cron: "* * * * *", catchUp: "skip" as const, nowMs: hourly.dueMs + 50 * 60_000 };
    const { runs } = considerDue(hour);
    expect(runs[0]?.reason).toContain("30 times before it");
    expect(runs).toHaveLength(21);
  });
});

test("a run waits for its jitter, and those after it with it", () => {
  const jittered = { ...hourly, jitterSeconds: 1_800 };
  const start = considerDue({ ...jittered, nowMs: hourly.dueMs - 1 }).next?.startMs ?? 0;
  expect(start).toBeGreaterThan(hourly.dueMs);
  expect(considerDue({ ...jittered, nowMs: start - 1 }).runs).toEqual([]);
  expect(brief(considerDue({ ...jittered, nowMs: start }).runs)).toEqual(["02:00 start"]);
});

/** A ticker that wakes at odd times, with a clock that jumps both ways. */
const story = fc.record({
  cron: fc.constantFrom("* * * * *", "*/7 * * * *", "*/20 * * * * *", "30 2 * * *", "0 * * * *"),
  timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe"),
  catchUp: fc.constantFrom(...catchUpPolicies),
  overlap: fc.constantFrom(...overlapPolicies),
  jitterSeconds: fc.constantFrom(0, 30, 900),
  from: fc.integer({ min: at("2026-03-27T00:00:00Z"), max: at("2026-03-30T00:00:00Z") }),
  // Steps of the clock between wake-ups in seconds: mostly short, some back, some far ahead.
  steps: fc.array(fc.oneof(fc.integer({ min: 0, max: 90 }), fc.integer({ min: -7_200, max: 14_400 })), {
    maxLength: 40,
  }),
  busy: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
});

test("each time is considered exactly once, whenever the ticker wakes and however the clock jumps", () => {
  fc.assert(
    fc.property(story, ({ from, steps, busy, ...rule }) => {
      const first = nextTime(rule, from) ?? 0;
      let dueMs = first;
      let now = from;
      let waiting = 0;
      const seen: number[] = [];
      let hidden = 0;
      for (const [index, step] of steps.entries()) {
        now += step * 1_000;
        const answer = considerDue({ ...rule, name: "x", dueMs, nowMs: now, open: busy[index] === true, waiting });
        // Nothing runs before its time.
        for (const run of answer.runs) expect(run.dueMs).toBeLessThanOrEqual(now);
        seen.push(...answer.runs.map((run) => run.dueMs));
        waiting = answer.runs.filter(({ act }) => act === "wait").length;
        const next = answer.next?.dueMs ?? 0;
        const passed = timesBetween(rule, dueMs - 1, next - 1, 100_000).length;
        hidden += passed - answer.runs.length;
        if (answer.unlisted !== "many") expect(passed - answer.runs.length).toBe(answer.unlisted);
        expect(next).toBeGreaterThanOrEqual(dueMs);
        dueMs = next;
      }
      const all = timesBetween(rule, first - 1, dueMs - 1, 100_000);
      expect(new Set(seen).size).toBe(seen.length);
      expect([...seen].sort((a, b) => a - b)).toEqual(seen);
      expect(seen.length + hidden).toBe(all.length);
      for (const time of seen) expect(all).toContain(time);
      // With `all`, none is left unconsidered as long as there are few.
      if (rule.catchUp === "all" && all.length < 1_000) expect(seen).toEqual(all);
    }),
    { numRuns: 150 },
  );
});
