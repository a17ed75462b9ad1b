import { type ScheduleInput, scheduleInputSchema } from "@daybook/contract";
import { inTransaction } from "../../db/transaction.ts";
import { takeCheckIn } from "../../schedules/check-in.ts";
import { putSchedule } from "../../schedules/schedule-store.ts";
import { lastTimes, nextTime } from "../../schedules/schedule-times.ts";
import { TaskDesk } from "../../tasks/task-desk.ts";
import { Chance } from "../chance.ts";
import { MINUTE, SECOND } from "../rhythm.ts";
import { storyTime, type WorkDeps } from "./fill-work.ts";

/** Runs that are told of each schedule. */
const RUNS = 24;

/** A schedule of the demo, and how its runs went, the newest last. */
interface SchedulePlot {
  name: string;
  settings: ScheduleInput;
  tookMs: number;
  /** By place from the newest, 0: what went otherwise than well. */
  odd?: Partial<Record<number, "failed" | "missed" | "slow" | "late">>;
  /** Nothing ran yet. */
  fresh?: true;
}

/** The recurring jobs of Heronfield's own cron: most are up, one is late, one is down, one waits, one is new. */
export function plotSchedules(nowMs: number): SchedulePlot[] {
  const earlier = new Date(nowMs - 40 * MINUTE);
  const lateCron = `${earlier.getUTCMinutes()} ${earlier.getUTCHours()} * * *`;
  return [
    {
      name: "nightly-backup",
      settings: { cron: "0 2 * * *", timeZone: "Europe/Amsterdam", description: "Every database, to the second site." },
      tookMs: 11 * MINUTE,
      odd: { 9: "failed", 4: "slow" },
    },
    {
      name: "invoice-run",
      settings: { cron: "30 5 * * *", description: "Draws up the invoices of the day." },
      tookMs: 3 * MINUTE,
      odd: { 0: "failed", 1: "failed", 13: "missed" },
    },
    {
      name: "usage-roll-up",
      settings: { cron: "*/15 * * * *", description: "Adds up traffic by server." },
      tookMs: 40 * SECOND,
      odd: { 17: "failed" },
    },
    {
      name: "dns-zone-sync",
      settings: { cron: "7 * * * *", description: "Writes the zones to the name servers." },
      tookMs: 9 * SECOND,
    },
    {
      name: "abuse-feed",
      settings: { cron: lateCron, graceSeconds: 6 * 3_600, description: "Reads the complaints of the last day." },
      tookMs: 2 * MINUTE,
      odd: { 0: "late", 6: "missed" },
    },
    {
      name: "orphan-volumes",
      settings: { cron: "15 */6 * * *", graceSeconds: 3_600, description: "Finds volumes without a server." },
      tookMs: 6 * MINUTE,
      odd: { 3: "slow" },
    },
    {
      name: "certificate-renewal",
      settings: { cron: "40 3 * * 1", timeZone: "Europe/Amsterdam", description: "Renews what ends within 30 days." },
      tookMs: 70 * SECOND,
      fresh: true,
    },
    {
      name: "monthly-report",
      settings: {
        cron: "0 6 1 * *",
        paused: true,
        description: "Figures for the board.",
        task: { type: "report.monthly", title: "Monthly report", payload: { format: "pdf" } },
      },
      tookMs: MINUTE,
      fresh: true,
    },
  ];
}

/** Sets the schedules and tells their runs, each at its time, as the check-ins of the panel's cron. */
export async function fillSchedules(deps: WorkDeps, workspace: { id: number; seed: string }): Promise<void> {
  const nowMs = deps.clock();
  const chance = new Chance(`${workspace.seed}/schedules`);
  const time = storyTime(nowMs);
  const desk = new TaskDesk({ ...deps, clock: time.clock });
  const told = { db: deps.db, clock: time.clock, tasks: desk };
  try {
    for (const plot of plotSchedules(nowMs)) {
      const { paused, ...settings } = scheduleInputSchema.parse(plot.settings);
      const dues = plot.fresh ? [] : lastTimes(settings, nowMs, RUNS);
      const beganMs = (dues[0] ?? nowMs) - 1;
      await inTransaction(deps.db, (client) =>
        putSchedule(
          client,
          {
            workspaceId: workspace.id,
            name: plot.name,
            kind: settings.task ? "task" : "monitored",
            source: "api",
            settings,
            paused,
          },
          nextTime(settings, plot.fresh ? nowMs : beganMs),
          beganMs,
        ),
      );
      for (const [index, dueMs] of dues.entries()) {
        const odd = plot.odd?.[dues.length - 1 - index];
        if (odd === "missed" || odd === "late") continue;
        const tookMs = Math.round(plot.tookMs * (0.8 + chance.next() * 0.4) * (odd === "slow" ? 4 : 1));
        time.at = Math.min(nowMs, dueMs + chance.whole(1, 4) * SECOND + tookMs);
        await takeCheckIn(told, workspace.id, plot.name, checkIn(odd, tookMs, chance));
      }
    }
  } finally {
    await desk.close();
  }
}

function checkIn(odd: string | undefined, durationMs: number, chance: Chance): Parameters<typeof takeCheckIn>[3] {
  if (odd === "failed")
    return {
      state: "failed",
      exitCode: 2,
      durationMs,
      output: `connecting to billing-db\n\u001b[31mFATAL\u001b[0m: too many connections for role "invoice"\nexit status 2\n`,
    };
  const rows = chance.whole(200, 90_000).toLocaleString("en-GB");
  return { state: "succeeded", exitCode: 0, durationMs, output: `start\n${rows} rows\n\u001b[32mdone\u001b[0m\n` };
}
