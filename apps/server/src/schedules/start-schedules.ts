import type { Deps } from "../deps.ts";
import { Ticker, type TickerOptions } from "./ticker.ts";

/** Runs schedules in this process, beside those of other servers. */
export async function startSchedules(deps: Deps, options: TickerOptions = {}): Promise<{ stop(): Promise<void> }> {
  const ticker = new Ticker(deps, options);
  await ticker.start();
  return { stop: () => ticker.stop() };
}
