import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "@daybook/contract";
import type { RecordWriter } from "../record/record.ts";
import { Chance } from "./chance.ts";
import type { Draft } from "./draft.ts";
import { HOUR, MINUTE, SECOND } from "./rhythm.ts";
import { eventOf, everyday } from "./story.ts";
import { makeWorld, type World } from "./world.ts";

const TICK_MS = 250;
const RETRY_MS = 2 * SECOND;
/** Scenes begin so long before the first moment, so that events come at once and not only when the first visits get going. */
const RUN_UP_MS = 30 * MINUTE;
/** What a scene does later than this is left out: nobody watches for so long. */
const HORIZON_MS = 2 * HOUR;

/** Everyday life from a moment on, at so many events a second on average: scenes begin at random (a Poisson process). */
export class LiveStory {
  readonly #world: World;
  readonly #chance: Chance;
  readonly #meanWaitMs: number;
  #waiting: Draft[] = [];
  #nextSceneAt: number;

  constructor(seed: string, nowMs: number, eventsPerSecond: number) {
    this.#chance = new Chance(seed);
    this.#world = makeWorld(this.#chance, nowMs - RUN_UP_MS, Number.POSITIVE_INFINITY);
    this.#meanWaitMs = (this.#eventsOfAScene(nowMs) / eventsPerSecond) * SECOND;
    this.#nextSceneAt = nowMs - RUN_UP_MS;
    this.due(nowMs);
  }

  /** What has happened since the last call, in the order of time. */
  due(nowMs: number): Draft[] {
    while (this.#nextSceneAt <= nowMs) {
      this.#waiting.push(...this.#scene(this.#nextSceneAt));
      this.#nextSceneAt += this.#chance.wait(this.#meanWaitMs);
    }
    const due = this.#waiting.filter((draft) => draft.at <= nowMs);
    if (due.length > 0) this.#waiting = this.#waiting.filter((draft) => draft.at > nowMs);
    return due.sort((a, b) => a.at - b.at);
  }

  #scene(at: number): Draft[] {
    const choices = everyday.map(([, scene, rhythm, part]) => [scene, rhythm(at) > 0 ? part : 0] as const);
    const scene = this.#chance.weighted(choices);
    return scene(this.#world, Math.floor(at), this.#chance).filter((draft) => draft.at < at + HORIZON_MS);
  }

  /** How many events a scene has on average, tried out on a world of its own. */
  #eventsOfAScene(nowMs: number): number {
    const tries = 400;
    const chance = this.#chance.branch("trial");
    const world = makeWorld(chance, nowMs, Number.POSITIVE_INFINITY);
    let events = 0;
    for (let i = 0; i < tries; i++) {
      const scene = chance.weighted(
        everyday.map(([, one, rhythm, part]) => [one, rhythm(nowMs) > 0 ? part : 0] as const),
      );
      events += scene(world, nowMs, chance).filter((draft) => draft.at < nowMs + HORIZON_MS).length;
    }
    return events / tries;
  }
}

export interface LiveOptions {
  record: Pick<RecordWriter, "write">;
  workspaceId: number;
  clock: () => number;
  eventsPerSecond: number;
  signal: AbortSignal;
  progress?: (written: number) => void;
  /** Told when the database is away; the events wait and are written later. */
  trouble?: (message: string) => void;
}

/** Goes on in real time until `signal`; gives the number of events written. */
export async function liveOn(options: LiveOptions): Promise<number> {
  const { clock, signal } = options;
  const startedAt = clock();
  const story = new LiveStory(`live ${startedAt}`, startedAt, options.eventsPerSecond);
  const ids = new Chance(`live ids ${startedAt}`);
  let written = 0;
  let unwritten: ReturnType<typeof eventOf>[] = [];
  while (!signal.aborted) {
    unwritten.push(...story.due(clock()).map((draft) => eventOf(draft, ids)));
    const wait = await writeSome(options, unwritten);
    if (wait === undefined) {
      written += unwritten.length;
      unwritten = [];
      options.progress?.(written);
    }
    await sleep(wait ?? TICK_MS, undefined, { signal }).catch(() => {});
  }
  return written;
}

/** Undefined when they are on disk; else how long to wait before the next try. */
async function writeSome(
  { record, workspaceId, trouble }: LiveOptions,
  events: unknown[],
): Promise<number | undefined> {
  if (events.length === 0) return undefined;
  try {
    await record.write(workspaceId, events);
    return undefined;
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 503) throw error;
    trouble?.(error.message);
    return RETRY_MS;
  }
}
