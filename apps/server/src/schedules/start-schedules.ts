import type { Deps } from "../deps.ts";
import { syncConfigSchedules } from "./config-sync.ts";
import type { HouseKeeping } from "./house-keeping.ts";
import { Ticker, type TickerOptions } from "./ticker.ts";

/** Runs schedules in this process, beside those of other servers: those of the config file first become what the file says. */
export async function startSchedules(
  deps: Deps & { houseKeeping?: HouseKeeping },
  options: TickerOptions = {},
): Promise<{ stop(): Promise<void> }> {
  await syncConfigSchedules(deps);
  const ticker = new Ticker(deps, options);
  await ticker.start();
  return { stop: () => ticker.stop() };
}
