import { createHash } from "node:crypto";
import { compileQuery, type Event, type EventInput, eventInputSchema, parseQuery } from "@daybook/contract";
import { pino } from "pino";
import { beforeAll, describe, expect, it } from "vitest";
import { OriginLookup } from "../record/origin/origin.ts";
import { demoNetworks } from "./networks.ts";
import { DAY } from "./rhythm.ts";
import { type Story, type StoryOptions, storyDefaults, tellStory } from "./story.ts";

const untilMs = Date.parse("2026-11-20T10:00:00Z");
const tell = (options: Partial<StoryOptions> = {}) => tellStory({ ...storyDefaults, untilMs, ...options });
const digest = (story: Story) => createHash("sha256").update(JSON.stringify(story)).digest("hex");

let story: Story;
let origin: OriginLookup;
beforeAll(async () => {
  story = tell();
  origin = await OriginLookup.open({ log: pino({ level: "silent" }), overlay: demoNetworks, checkEveryMs: 0 });
  return () => origin.close();
});

/** The event as it is read, as far as the queries of the truths go. */
function asRead(input: EventInput, index: number): Event {
  const { ip, ...rest } = input.origin ?? {};
  return {
    ...input,
    id: input.id ?? "",
    seq: index + 1,
    occurredAt: input.occurredAt ?? "",
    recordedAt: input.occurredAt ?? "",
    category: input.action.split(".")[0] ?? "",
    kind: "user",
    severity: "info",
    summary: "",
    outcome: input.outcome ?? "success",
    actor: input.actor ?? { type: "system" },
    targets: input.targets ?? [],
    origin: { ...rest, ...(typeof ip === "string" && { ip, ...origin.locate(ip) }) },
  };
}

describe("the demo's story", () => {
  it("has as many events as were asked for, in the order of time, inside its days", () => {
    expect(story.events).toHaveLength(60_000);
    let last = untilMs - 90 * DAY;
    for (const event of story.events) {
      const at = Date.parse(event.occurredAt ?? "");
      expect(at).toBeGreaterThanOrEqual(last);
      last = at;
    }
    expect(last).toBeLessThan(untilMs);
    expect(untilMs - last).toBeLessThan(3_600_000);
  });

  it("is the same each time, and another with another seed or end", () => {
    const small = { events: 6_000 };
    expect(digest(tell(small))).toBe(digest(tell(small)));
    expect(digest(tell({ ...small, seed: "other" }))).not.toBe(digest(tell(small)));
    expect(digest(tell({ ...small, untilMs: untilMs + DAY }))).not.toBe(digest(tell(small)));
  });

  it("gives each event an id of its own that carries its time", () => {
    expect(new Set(story.events.map((event) => event.id)).size).toBe(story.events.length);
    for (const { id = "", occurredAt = "" } of story.events.slice(0, 500))
      expect(Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toBe(Date.parse(occurredAt));
  });

  it("holds to the contract", () => {
    for (const event of story.events) {
      const parsed = eventInputSchema.safeParse(event);
      expect(parsed.error?.issues, JSON.stringify(event)).toBeUndefined();
    }
  });

  it("answers each of its questions with the count it states", () => {
    const events = story.events.map(asRead);
    for (const truth of story.truths) {
      const found = events.filter(compileQuery(parseQuery(truth.query)));
      expect([truth.question, found.length]).toEqual([truth.question, truth.count]);
      expect(Math.abs(Date.parse(found[0]?.occurredAt ?? "") - truth.at), truth.question).toBeLessThan(6 * 3_600_000);
    }
  });

  it.each([
    [30, 5_000, "2026-01-31T23:00:00Z"],
    [30, 20_000, "2026-03-29T02:00:00Z"],
    [365, 40_000, "2024-02-29T00:00:00Z"],
  ])("keeps its answers when it is told in %i days and %i events", (days, count, until) => {
    const other = tell({ days, events: count, untilMs: Date.parse(until) });
    expect(other.events).toHaveLength(count);
    const events = other.events.map(asRead);
    for (const truth of other.truths) {
      const found = events.filter(compileQuery(parseQuery(truth.query)));
      expect([truth.question, found.length]).toEqual([truth.question, truth.count]);
    }
  });

  it("uses addresses that are reserved for documentation, all of them with a country", () => {
    for (const event of story.events) {
      const ip = event.origin?.ip;
      if (ip === null || ip === undefined) continue;
      expect(ip).toMatch(/^(203\.0\.113|198\.51\.100|192\.0\.2)\.\d+$|^2001:db8:/);
      expect(origin.locate(ip), ip).toMatchObject({
        country: expect.stringMatching(/^[A-Z]{2}$/),
        asn: expect.any(Number),
      });
    }
  });

  it("uses domains that belong to nobody", () => {
    const domains = JSON.stringify(story.events).match(/[\w.-]+@[\w.-]+/g) ?? [];
    expect(domains.length).toBeGreaterThan(1_000);
    expect(domains.filter((address) => !address.endsWith(".example"))).toEqual([]);
  });

  it("sleeps at night and on Sunday mornings", () => {
    const logins = story.events.filter((event) => event.action === "auth.login" && event.actor?.type === "user");
    const share = (hours: number[]) =>
      logins.filter((event) => hours.includes(new Date(event.occurredAt ?? "").getUTCHours())).length;
    expect(share([18, 19, 20])).toBeGreaterThan(4 * share([2, 3, 4]));
    const office = story.events.filter((event) => event.actor?.type === "staff");
    const sundays = office.filter((event) => new Date(event.occurredAt ?? "").getUTCDay() === 0);
    expect(sundays.length).toBeLessThan(office.length / 20);
  });
});

it("tells a story of many events too", () => {
  expect(tell({ events: 250_000 }).events).toHaveLength(250_000);
});
