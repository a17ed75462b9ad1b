import type { Command } from "commander";
import { type DemoWorkspace, findDemoStory, markFilled, openDemoWorkspace } from "../demo/demo-workspace.ts";
import { type Filled, fill } from "../demo/fill.ts";
import type { Truth } from "../demo/incidents/incident.ts";
import { liveOn } from "../demo/live.ts";
import { fillMail, hasMail } from "../demo/mail/fill-mail.ts";
import { demoNetworks } from "../demo/networks.ts";
import { type StoryOptions, storyDefaults, storyLimits, tellStory } from "../demo/story.ts";
import { fillSchedules } from "../demo/work/fill-schedules.ts";
import { fillWork, hasWork } from "../demo/work/fill-work.ts";
import { tellMails } from "../mail/mail-teller.ts";
import { tellSuppressions } from "../mail/suppression/suppression-teller.ts";
import type { OpenDeps } from "../open.ts";
import { parseTime } from "../record/event-time.ts";
import { openRecord } from "../record/open-record.ts";
import type { RecordWriter } from "../record/record.ts";
import { tellRound } from "../tasks/teller.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { progressBar } from "./progress-bar.ts";

interface DemoFlags {
  days?: string;
  events?: string;
  seed?: string;
  until?: string;
  workspace: string;
  live?: true;
  rate: string;
  stats?: true;
}

const HOUR_MS = 3_600_000;
const RATE_MAX = 1_000;

/** `daybook demo`: an invented company's log, in a workspace of its own. */
export function registerDemoCommand(program: Command, ctx: CommandContext): void {
  program
    .command("demo")
    .description("Fill a workspace of its own with the log of an invented hosting company.")
    .option("--days <days>", `how long a time is told (default: ${storyDefaults.days})`)
    .option("--events <events>", `how many events (default: ${storyDefaults.events})`)
    .option("--seed <text>", `another seed gives another log (default: ${storyDefaults.seed})`)
    .option("--until <time>", "the end of the story, RFC 3339 (default: the hour that began last)")
    .option("--workspace <slug>", "the workspace to make or to go on with", "demo")
    .option("--live", "go on in real time until interrupted")
    .option("--rate <events>", "events a second with --live, on average", "2")
    .option("--stats", "write nothing, only print what to look for")
    .action((flags: DemoFlags) => run(ctx, flags));
}

/**
 *  1. Find or make the workspace; it knows which story it tells.
 *  2. Write the story; what is there already is not written twice. Then the tasks and schedules of its panel.
 *  3. Print what to look for.
 *  4. With --live, go on until interrupted.
 */
async function run(ctx: CommandContext, flags: DemoFlags): Promise<void> {
  const asked = storyAsked(flags);
  const rate = numberFrom("--rate", flags.rate, 0.01, RATE_MAX, false);
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(flags.workspace))
    throw new UsageError("--workspace: small letters, digits and hyphens, e.g. demo2");
  const deps = await ctx.open();
  const now = deps.clock();
  const fallback = { ...storyDefaults, untilMs: Math.floor(now / HOUR_MS) * HOUR_MS };
  if (flags.stats) {
    const kept = await findDemoStory(deps.db, flags.workspace);
    return tell(ctx, flags.workspace, { ...fallback, ...kept, ...asked });
  }
  const workspace = await openDemoWorkspace(deps.ownerDb, flags.workspace, asked, fallback);
  const { record, close } = await openRecord({ ...deps, overlay: demoNetworks });
  try {
    const filled = await write(ctx, deps, record, workspace);
    if (filled.whole) await tellWork(deps, record, workspace, ctx.signal);
    if (filled.whole) await tellMail(deps, record, workspace);
    tell(ctx, workspace.slug, workspace.story, filled);
    if (!filled.whole) ctx.exitCode = 1;
    if (flags.live && filled.whole) await live(ctx, deps, record, workspace, rate);
  } finally {
    await close();
  }
}

async function write(
  ctx: CommandContext,
  deps: OpenDeps,
  record: RecordWriter,
  workspace: DemoWorkspace,
): Promise<Filled> {
  if (workspace.filled) return { accepted: 0, duplicates: workspace.story.events, whole: true };
  const { events } = tellStory(workspace.story);
  const bar = progressBar(ctx.progress, events.length, deps.clock);
  try {
    const filled = await fill(record, workspace.id, events, {
      progress: (done) => bar.show(done, `${done.toLocaleString("en-GB")} events`),
      signal: ctx.signal,
    });
    if (filled.whole) await markFilled(deps.ownerDb, workspace.id);
    return filled;
  } finally {
    bar.end();
  }
}

/** Tasks and schedules, once, with what the log says of them. */
async function tellWork(
  deps: OpenDeps,
  record: RecordWriter,
  { id, story }: DemoWorkspace,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (await hasWork(deps.db, id)) return;
  await fillWork(deps, { id, story }, signal);
  await fillSchedules(deps, { id, seed: story.seed });
  while ((await tellRound({ ...deps, record: record as OpenDeps["record"] })) > 0 && !signal?.aborted);
}

/** Mails, once, with what the log says of them. */
async function tellMail(deps: OpenDeps, record: RecordWriter, { id, story }: DemoWorkspace): Promise<void> {
  if (await hasMail(deps.db, id)) return;
  await fillMail(deps, { id, story });
  const teller = { ...deps, record: record as OpenDeps["record"] };
  while ((await tellMails(teller)) > 0);
  while ((await tellSuppressions(teller)) > 0);
}

async function live(
  ctx: CommandContext,
  deps: OpenDeps,
  record: RecordWriter,
  workspace: DemoWorkspace,
  rate: number,
): Promise<void> {
  ctx.err(`Going on in real time, ${rate} events a second. Ctrl-C ends it.`);
  const written = await liveOn({
    record,
    workspaceId: workspace.id,
    clock: deps.clock,
    eventsPerSecond: rate,
    signal: ctx.signal,
    progress: (count) => ctx.progress(`${count.toLocaleString("en-GB")} live events`),
    trouble: (message) => ctx.err(message),
  });
  ctx.progress("");
  ctx.err(`${written.toLocaleString("en-GB")} live events were written.`);
}

function tell(ctx: CommandContext, slug: string, story: StoryOptions, filled?: Filled): void {
  const { truths } = tellStory(story);
  const { untilMs, ...rest } = story;
  const until = new Date(untilMs).toISOString();
  const counts = filled === undefined ? {} : { accepted: filled.accepted, duplicates: filled.duplicates };
  const questions = truths.map((truth) => ({ ...truth, at: new Date(truth.at).toISOString() }));
  ctx.report({ workspace: slug, ...rest, until, ...counts, questions }, () =>
    [...(filled ? [outcome(slug, filled)] : []), "", "Try:", ...truths.map((truth) => suggestion(slug, truth))].join(
      "\n",
    ),
  );
}

function outcome(slug: string, { accepted, duplicates, whole }: Filled): string {
  const count = (events: number) => events.toLocaleString("en-GB");
  if (!whole) return `Stopped after ${count(accepted + duplicates)} events. Run it again to go on.`;
  if (accepted === 0)
    return `The workspace ${slug} holds the story already (${count(duplicates)} events); nothing was added.`;
  const before = duplicates > 0 ? `, ${count(duplicates)} were there before` : "";
  return `${count(accepted)} events were written to the workspace ${slug}${before}.`;
}

function suggestion(slug: string, { question, query, count }: Truth): string {
  return `  ${question}\n    daybook search '${query}' --workspace ${slug}   (${count})`;
}

function storyAsked({ days, events, seed, until }: DemoFlags): Partial<StoryOptions> {
  const { daysMin, daysMax, eventsMin, eventsMax } = storyLimits;
  const asked: Partial<StoryOptions> = {};
  if (days !== undefined) asked.days = numberFrom("--days", days, daysMin, daysMax, true);
  if (events !== undefined) asked.events = numberFrom("--events", events, eventsMin, eventsMax, true);
  if (seed !== undefined) asked.seed = seed;
  if (until !== undefined) asked.untilMs = timeFrom(until);
  return asked;
}

function timeFrom(text: string): number {
  const full = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
  const ms = parseTime(full);
  if (Number.isNaN(ms)) throw new UsageError(`--until: ${text} is not a time such as 2026-11-20T10:00:00Z`);
  if (ms > Date.now()) throw new UsageError(`--until: ${text} is in the future`);
  return ms;
}

function numberFrom(flag: string, text: string, least: number, most: number, whole: boolean): number {
  const number = Number(text);
  if (
    text.trim() === "" ||
    Number.isNaN(number) ||
    number < least ||
    number > most ||
    (whole && !Number.isInteger(number))
  )
    throw new UsageError(`${flag}: ${text} is not a ${whole ? "whole " : ""}number from ${least} to ${most}`);
  return number;
}
