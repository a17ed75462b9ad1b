import type { EventInput } from "@daybook/contract";
import { Chance } from "./chance.ts";
import type { Draft } from "./draft.ts";
import { breakIn } from "./incidents/break-in.ts";
import { failedDeploy } from "./incidents/failed-deploy.ts";
import type { Incident, Truth, When } from "./incidents/incident.ts";
import { latePayment } from "./incidents/late-payment.ts";
import { massDeletion } from "./incidents/mass-deletion.ts";
import { backupFault, backupFaultOf, blackoutOf, outage } from "./incidents/outage.ts";
import {
  actingFor,
  changedPassword,
  chargebacks,
  deletedUser,
  deniedAttempts,
  farApart,
  priceRise,
} from "./incidents/small-stories.ts";
import { customerRhythm, DAY, evenRhythm, nightRhythm, officeRhythm, type Rhythm, timesOf } from "./rhythm.ts";
import { fibreWork, lostSignal, pppoeSessions, routerSyncs } from "./scenes/fibre.ts";
import { bounce, crash, flood, job, nightlyBackup, nightlyRuns } from "./scenes/machines.ts";
import { maintenance, management, registration } from "./scenes/management.ts";
import { lateness, purchase, renewal, topUp } from "./scenes/money.ts";
import type { Scene } from "./scenes/scene.ts";
import { officeVisit, ticket } from "./scenes/staff-work.ts";
import { automation, customerVisit, knocking } from "./scenes/visits.ts";
import { makeWorld, type World } from "./world.ts";

export interface StoryOptions {
  /** The end of the story; the same end, days, events and seed give the same log. */
  untilMs: number;
  days: number;
  events: number;
  seed: string;
}

export interface Story {
  /** In the order of time, `options.events` of them. */
  events: EventInput[];
  /** What can be asked, and the answers. */
  truths: Truth[];
}

export const storyDefaults = { days: 90, events: 60_000, seed: "heronfield" } as const;
/** The incidents need room: their days are drawn together in a shorter story, and they are some 1,700 events by themselves. */
export const storyLimits = { daysMin: 30, daysMax: 400, eventsMin: 5_000, eventsMax: 2_000_000 } as const;

const incidents: Incident[] = [
  breakIn,
  failedDeploy,
  massDeletion,
  latePayment,
  outage,
  backupFault,
  deletedUser,
  actingFor,
  priceRise,
  changedPassword,
  deniedAttempts,
  chargebacks,
  farApart,
];

/** Everyday life: which scene, when, and its part of all events. Purchases come first: the servers bought are used by the others. */
export const everyday: readonly (readonly [name: string, scene: Scene, rhythm: Rhythm, part: number])[] = [
  ["purchase", purchase, customerRhythm, 0.02],
  ["renewal", renewal, evenRhythm, 0.055],
  ["lateness", lateness, officeRhythm, 0.012],
  ["top-up", topUp, customerRhythm, 0.025],
  ["customer visit", customerVisit, customerRhythm, 0.4],
  ["automation", automation, evenRhythm, 0.07],
  ["knocking", knocking, evenRhythm, 0.03],
  ["office", officeVisit, officeRhythm, 0.05],
  ["ticket", ticket, officeRhythm, 0.035],
  ["nightly backup", nightlyBackup, nightRhythm, 0.06],
  ["crash", crash, customerRhythm, 0.02],
  ["flood", flood, customerRhythm, 0.006],
  ["job", job, evenRhythm, 0.025],
  ["bounce", bounce, evenRhythm, 0.004],
  ["management", management, officeRhythm, 0.012],
  ["maintenance", maintenance, officeRhythm, 0.002],
  ["registration", registration, customerRhythm, 0.008],
  ["fibre work", fibreWork, officeRhythm, 0.01],
  ["lost signal", lostSignal, evenRhythm, 0.003],
];
/** Sessions of the fibre lines; what is left to the number asked for are synchronisations of routers. */
const SESSIONS_PART = 0.09;

/**
 * The story of Heronfield, an invented hosting company in Utrecht that rents out game servers, virtual servers and GPU pods
 * and brings fibre to four small towns. Three months of everyday life, and in it:
 *  - an account is guessed open at night, robbed, and rescued in the morning (break-in.ts);
 *  - a deploy fails four times and is rolled back (failed-deploy.ts);
 *  - one of the staff deletes 37 servers of the wrong customer (mass-deletion.ts);
 *  - a server expires, is suspended, paid and renewed (late-payment.ts);
 *  - a router is dark for 43 minutes, a nightly backup fails three times (outage.ts);
 *  - a deleted user, impersonation, a rise of prices, a changed password, denied attempts, chargebacks, a sign-in
 *    from two ends of the world (small-stories.ts).
 * `truths` has the questions with their answers and counts.
 */
export function tellStory(options: StoryOptions): Story {
  const { days, untilMs } = options;
  const { chance, world } = beginStory(options);
  const when = whenOf(options);
  const told = incidents.map((incident) => incident(world, when, chance.branch(incident.name)));
  // Lists are added one by one: as arguments of a call, a hundred thousand of them are more than the stack holds.
  const drafts = told.flatMap((one) => one.drafts);
  const add = (more: Iterable<(typeof drafts)[number]>): void => {
    for (const draft of more) drafts.push(draft);
  };
  const nights = nightlyRuns(world, backupFaultOf(when), chance.branch("nights"));
  add(nights.filter((draft) => draft.at < untilMs));
  const left = options.events - drafts.length;
  add(everydayLife(world, left, chance));
  const meanMs = (world.lines.length * days * DAY) / ((left * SESSIONS_PART) / 2);
  const sessions = pppoeSessions(world, blackoutOf(when), meanMs, chance.branch("pppoe"));
  add(sessions.filter((draft) => draft.at < untilMs));
  const missing = options.events - drafts.length;
  if (missing < 0) throw new RangeError(`the story needs at least ${drafts.length} events`);
  add(routerSyncs(world, missing, blackoutOf(when), chance.branch("syncs")));
  return { events: numbered(drafts, chance.branch("ids")), truths: told.flatMap((one) => one.truths) };
}

function everydayLife(world: World, events: number, chance: Chance): Draft[] {
  return everyday.flatMap(([name, scene, rhythm, part]) => {
    const stream = chance.branch(name);
    const nextTime = timesOf(rhythm, world.fromMs, world.untilMs, stream.branch("times"));
    const drafts: Draft[] = [];
    while (drafts.length < events * part) {
      for (const draft of scene(world, nextTime(), stream)) if (draft.at < world.untilMs) drafts.push(draft);
    }
    return drafts;
  });
}

/** In the order of time, each with an id that follows from the seed. */
function numbered(drafts: Draft[], chance: Chance): EventInput[] {
  const inOrder = drafts.map((draft, place) => ({ draft, place }));
  inOrder.sort((a, b) => a.draft.at - b.draft.at || a.place - b.place);
  return inOrder.map(({ draft }) => eventOf(draft, chance));
}

export function eventOf({ at, ...rest }: Draft, chance: Chance): EventInput {
  return { id: chance.uuid(at), occurredAt: new Date(at).toISOString(), ...rest };
}

function whenOf({ untilMs, days }: StoryOptions): When {
  return (daysBefore, timeOfDay) => {
    const back = Math.max(1, Math.round((daysBefore * days) / storyDefaults.days));
    const [hour = 0, minute = 0, second = 0] = timeOfDay.split(":").map(Number);
    return (Math.floor(untilMs / DAY) - back) * DAY + ((hour * 60 + minute) * 60 + second) * 1_000;
  };
}

/** Everybody and everything as it is when the story begins; the same options make the same world. */
export function beginStory({ seed, days, events, untilMs }: StoryOptions): { chance: Chance; world: World } {
  const chance = new Chance(`${seed}/${days}/${events}`);
  return { chance, world: makeWorld(chance, untilMs - days * DAY, untilMs) };
}
