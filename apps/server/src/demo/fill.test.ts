import { testDeps } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Deps } from "../deps.ts";
import { type OpenRecord, openRecord } from "../record/open-record.ts";
import { findDemoStory, markFilled, openDemoWorkspace } from "./demo-workspace.ts";
import { fill } from "./fill.ts";
import { sentPasswords } from "./incidents/small-stories.ts";
import { LiveStory, liveOn } from "./live.ts";
import { demoNetworks } from "./networks.ts";
import { HOUR, SECOND } from "./rhythm.ts";
import { type Story, type StoryOptions, storyDefaults, tellStory } from "./story.ts";

const untilMs = Date.parse("2026-11-20T10:00:00Z");
const small: StoryOptions = { ...storyDefaults, days: 30, events: 5_000, untilMs };

let deps: Deps;
let opened: OpenRecord;
let story: Story;
let close: () => Promise<void>;
beforeAll(async () => {
  const started = await testDeps({ clock: () => untilMs + 60_000 });
  deps = started.deps;
  opened = await openRecord({ ...deps, overlay: demoNetworks });
  story = tellStory(small);
  close = async () => {
    await opened.close();
    await started.close();
  };
});
afterAll(() => close());

async function rowsOf<T>(sql: string, values: unknown[]): Promise<T[]> {
  return (await deps.ownerDb.query(sql, values)).rows as T[];
}

describe("the demo's workspace", () => {
  it("is made once, and goes on with the story that it tells", async () => {
    expect(await findDemoStory(deps.db, "demo")).toBeUndefined();
    const first = await openDemoWorkspace(
      deps.ownerDb,
      "demo",
      { days: 30, events: 5_000 },
      { ...storyDefaults, untilMs },
    );
    expect(first).toMatchObject({ existed: false, filled: false, story: small });
    const later = { ...storyDefaults, untilMs: untilMs + 9 * 3_600_000 };
    const second = await openDemoWorkspace(deps.ownerDb, "demo", {}, later);
    expect(second).toEqual({ ...first, existed: true });
    expect(await findDemoStory(deps.db, "demo")).toEqual(small);
    await markFilled(deps.ownerDb, first.id);
    expect(await openDemoWorkspace(deps.ownerDb, "demo", {}, later)).toEqual({ ...second, filled: true });
    expect(await findDemoStory(deps.db, "demo")).toEqual(small);
  });

  it("refuses another story, and a workspace that is no demo", async () => {
    const open = (slug: string, asked: Partial<StoryOptions>) => openDemoWorkspace(deps.ownerDb, slug, asked, small);
    await expect(open("demo", { seed: "other" })).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("--seed heronfield"),
    });
    await expect(open("demo", { untilMs: untilMs - 1 })).rejects.toThrow("--until 2026-11-20T10:00:00.000Z");
    await expect(open("main", {})).rejects.toThrow("holds no demo");
  });
});

describe("filling it", () => {
  let workspaceId: number;
  beforeAll(async () => {
    workspaceId = (await openDemoWorkspace(deps.ownerDb, "demo", {}, small)).id;
  });

  it("stops when it is told to and goes on where it stopped; a run after that adds nothing", async () => {
    const stop = new AbortController();
    const begun = await fill(opened.record, workspaceId, story.events, {
      signal: stop.signal,
      progress: () => stop.abort(),
    });
    expect(begun.whole).toBe(false);
    expect(begun.accepted).toBeGreaterThan(0);
    const rest = await fill(opened.record, workspaceId, story.events);
    expect(rest).toEqual({ accepted: 5_000 - begun.accepted, duplicates: begun.accepted, whole: true });
    const again = await fill(opened.record, workspaceId, story.events);
    expect(again).toEqual({ accepted: 0, duplicates: 5_000, whole: true });
  });

  it("gives every event a sentence, a known action, and a place where it has an address", async () => {
    const [totals] = await rowsOf<Record<string, number>>(
      `select count(*)::int as events, count(distinct id)::int as ids, max(seq)::int as seq,
         count(*) filter (where summary = '')::int as mute,
         count(*) filter (where ip is not null and (country is null or network is null))::int as nowhere
       from event where workspace_id = $1`,
      [workspaceId],
    );
    expect(totals).toEqual({ events: 5_000, ids: 5_000, seq: 5_000, mute: 0, nowhere: 0 });
    const actions = await rowsOf<{ action: string }>("select distinct action from event where workspace_id = $1", [
      workspaceId,
    ]);
    expect(actions.filter(({ action }) => !opened.actions.resolve(workspaceId, action).known)).toEqual([]);
  });

  it("keeps the break-in as it was told", async () => {
    const [attack] = await rowsOf(
      `select count(*)::int as attempts, count(distinct ip)::int as addresses, array_agg(distinct country order by country) as countries
       from event where workspace_id = $1 and action = 'auth.login' and outcome = 1 and actor_id = 'u-2001'`,
      [workspaceId],
    );
    expect(attack).toEqual({ attempts: 214, addresses: 6, countries: ["CA", "RO"] });
  });

  it("keeps that passwords changed, and none of them", async () => {
    const [changes] = await rowsOf<{ changes: string }>(
      "select changes from event where workspace_id = $1 and action = 'auth.password.changed' and actor_id = 'u-2007'",
      [workspaceId],
    );
    expect(JSON.parse(changes?.changes ?? "")).toEqual([{ changed: true, field: "password" }]);
    const [leaks] = await rowsOf<{ found: number }>(
      `select count(*)::int as found from event where workspace_id = $1 and concat(changes, details, summary) ~ $2`,
      [workspaceId, [...sentPasswords, "tulip-", "osprey-"].join("|")],
    );
    expect(leaks).toEqual({ found: 0 });
    expect(JSON.stringify(story.events)).toContain(sentPasswords[0]);
  });
});

describe("going on in real time", () => {
  it("has the rate that was asked for", () => {
    for (const rate of [1, 3]) {
      const live = new LiveStory("a test", untilMs, rate);
      let events = 0;
      for (let now = untilMs; now < untilMs + 6 * HOUR; now += 250) events += live.due(now).length;
      expect(events / (6 * 3_600)).toBeGreaterThan(rate * 0.6);
      expect(events / (6 * 3_600)).toBeLessThan(rate * 1.4);
    }
  });

  it("tells what happens when it happens: nothing from the future, nothing long past", () => {
    const live = new LiveStory("a test", untilMs, 2);
    for (let now = untilMs; now < untilMs + HOUR; now += SECOND) {
      for (const draft of live.due(now)) {
        expect(draft.at).toBeLessThanOrEqual(now);
        expect(draft.at).toBeGreaterThan(now - 5 * SECOND);
      }
    }
  });

  it("writes until it is interrupted", async () => {
    const { id } = await openDemoWorkspace(deps.ownerDb, "demo-live", {}, small);
    const startedAt = Date.now();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 2_500);
    const clock = () => untilMs + Date.now() - startedAt;
    const live = { record: opened.record, workspaceId: id, clock, eventsPerSecond: 40, signal: stop.signal };
    const written = await liveOn(live);
    const [stored] = await rowsOf<{ events: number }>(
      "select count(*)::int as events from event where workspace_id = $1",
      [id],
    );
    expect(written).toBeGreaterThan(20);
    expect(stored?.events).toBe(written);
  });
});
