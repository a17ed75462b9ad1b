import type { TaskError } from "@daybook/contract";
import type { Chance } from "../chance.ts";
import { nodes, type Server } from "../fleet.ts";
import { DAY, HOUR, MINUTE, officeRhythm, SECOND } from "../rhythm.ts";
import { pickServer, type World } from "../world.ts";
import { type PlotLine, type Trade, trades } from "./trades.ts";

/** How far back the tasks go, and how many begin in a day. */
const WORK_DAYS = 14;
const TASKS_A_DAY = 14;

/** One task of the demo, told before it is stored. Times in milliseconds. */
export interface TaskPlot {
  at: number;
  type: string;
  title: string;
  server: Server;
  node: string;
  payload: object;
  attempts: AttemptPlot[];
  /** It was taken back before it began. */
  cancelledAt?: number;
}

export interface AttemptPlot {
  startedAt: number;
  /** Left out, it still runs. */
  endedAt?: number;
  progress: number;
  error?: TaskError;
  result?: object;
  lines: PlotLine[];
}

/** The long jobs of Heronfield in the last two weeks, and those of this moment: running, waiting, and one that hangs. */
export function plotWork(world: World, chance: Chance, nowMs: number): TaskPlot[] {
  const plots: TaskPlot[] = [];
  for (let day = WORK_DAYS; day > 0; day--)
    for (let n = 0; n < TASKS_A_DAY; n++) {
      const at = nowMs - day * DAY + Math.floor(chance.next() * DAY);
      if (at < nowMs - HOUR) plots.push(past(world, at, chance));
    }
  return [...plots, ...present(world, nowMs, chance)].sort((a, b) => a.at - b.at);
}

function past(world: World, at: number, chance: Chance): TaskPlot {
  const trade = tradeOf(at, chance);
  const { attempts, ...plot } = begin(world, trade, at, chance);
  if (chance.is(0.02)) return { ...plot, attempts: [], cancelledAt: at + chance.whole(5, 40) * SECOND };
  const failed = chance.is(trade.failureRate);
  const first = attemptOf(trade, plot.server, at + chance.whole(1, 9) * SECOND, chance, failed);
  if (!failed || !chance.is(0.4)) return { ...plot, attempts: [first] };
  const again = (first.endedAt ?? at) + chance.whole(2, 30) * MINUTE;
  return { ...plot, attempts: [first, attemptOf(trade, plot.server, again, chance, chance.is(0.2))] };
}

/** What goes on now. */
function present(world: World, nowMs: number, chance: Chance): TaskPlot[] {
  const running = [0.12, 0.38, 0.57, 0.83].map((part, index) => {
    const trade = trades[index % trades.length] as Trade;
    const startedAt = nowMs - Math.round(trade.usualMs * part);
    const plot = begin(world, trade, startedAt - 3 * SECOND, chance);
    const lines = trade.lines(plot.server, chance).filter((line) => line.part <= part);
    return { ...plot, attempts: [{ startedAt, progress: Math.round(part * 100), lines }] };
  });
  const waiting = [50, 22, 7].map((seconds, index) =>
    begin(world, trades[(index + 1) % trades.length] as Trade, nowMs - seconds * SECOND, chance),
  );
  return [...running, ...waiting, stuck(world, nowMs, chance), failedDeploy(world, nowMs, chance)];
}

/** A migration that has waited for its hypervisor since the morning. */
function stuck(world: World, nowMs: number, chance: Chance): TaskPlot {
  const trade = trades.find(({ type }) => type === "instance.migrate") as Trade;
  const startedAt = nowMs - 6 * HOUR - 11 * MINUTE;
  const plot = begin(world, trade, startedAt - 4 * SECOND, chance);
  const lines = [
    ...trade.lines(plot.server, chance).filter((line) => line.part <= 0.41),
    { part: 0.42, text: "Waiting for hypervisor response" },
  ];
  return { ...plot, attempts: [{ startedAt, progress: 41, lines }] };
}

/** The one to look at: an image that is not there, twice. */
function failedDeploy(world: World, nowMs: number, chance: Chance): TaskPlot {
  const trade = trades.find(({ type }) => type === "instance.deploy") as Trade;
  const plot = begin(world, trade, nowMs - 9 * MINUTE, chance);
  const first = attemptOf(trade, plot.server, plot.at + 2 * SECOND, chance, true);
  const second = attemptOf(trade, plot.server, plot.at + 5 * MINUTE, chance, true);
  return { ...plot, attempts: [first, second] };
}

function begin(world: World, trade: Trade, at: number, chance: Chance): TaskPlot {
  const server = pickServer(world, at, chance);
  return {
    at,
    type: trade.type,
    title: `${trade.title} ${server.name}`,
    server,
    node: server.node.name,
    payload: trade.payload(server, chance.pick(nodes).name, chance),
    attempts: [],
  };
}

function attemptOf(trade: Trade, server: Server, startedAt: number, chance: Chance, failed: boolean): AttemptPlot {
  const tookMs = Math.round(trade.usualMs * (0.5 + chance.next() * 0.8));
  const lines = trade.lines(server, chance);
  if (!failed) {
    const result = trade.result(server, chance);
    return { startedAt, endedAt: startedAt + tookMs, progress: 100, lines, ...(result && { result }) };
  }
  const { after, error, says } = chance.pick(trade.faults);
  const kept = lines.filter((line) => line.part <= after);
  return {
    startedAt,
    endedAt: startedAt + Math.round(tookMs * after),
    progress: Math.round(after * 100),
    error,
    lines: [...kept, ...says.map((text) => ({ part: after, text, err: true as const }))],
  };
}

/** Backups go at night, the rest when people are awake. */
function tradeOf(at: number, chance: Chance): Trade {
  const awake = officeRhythm(at) > 0;
  return chance.weighted(trades.map((trade) => [trade, awake ? trade.byDay : trade.byNight] as const));
}
