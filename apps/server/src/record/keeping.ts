import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Watch } from "../schedules/house-keeping.ts";
import { type PartitionKeeper, type Settling, sealPast, splitHot } from "./partitions.ts";

/** How often the log's house-keeping looks whether there is something to do. */
const EVERY_MS = 60_000;
const LOCK = "daybook.keeping";

export interface KeepingDeps {
  ownerDb: Pool;
  log: Logger;
  clock: () => number;
  partitions: PartitionKeeper;
  /** What partitions had taken at the round before; without it past partitions are sealed at once. */
  settling?: Settling;
  /** Work that others add, e.g. the roll-up of counts; run in turn, each on its own. */
  chores: readonly { name: string; run: () => Promise<void> }[];
  /** Runs a chore so that its rounds can be seen. */
  watch?: Watch;
}

/**
 * One round of house-keeping; with several workers, whoever holds the lock does it and the others return at once.
 *  1. Create the partitions of the coming months.
 *  2. Split the hot partition when it has grown large.
 *  3. Seal past partitions (build their text index).
 *  4. The other chores.
 */
export async function keepLog(deps: KeepingDeps): Promise<void> {
  const client = await deps.ownerDb.connect();
  try {
    const { rows } = await client.query<{ mine: boolean }>("select pg_try_advisory_lock(hashtext($1)) as mine", [LOCK]);
    if (rows[0]?.mine !== true) return;
    const now = deps.clock();
    const chores = [
      { name: "create partitions", run: () => deps.partitions.createAhead(now) },
      { name: "split the hot partition", run: async () => void (await splitHot(deps.ownerDb, now)) },
      { name: "seal past partitions", run: async () => void (await sealPast(deps.ownerDb, now, deps.settling)) },
      ...deps.chores,
    ];
    for (const chore of chores) {
      // One chore that fails must not keep the others from running.
      await (deps.watch?.(chore) ?? chore.run()).catch((error: unknown) =>
        deps.log.error({ err: error }, `house-keeping: ${chore.name}`),
      );
    }
    await client.query("select pg_advisory_unlock(hashtext($1))", [LOCK]);
  } finally {
    client.release();
  }
}

/** Runs house-keeping now and every minute until stopped; `stop` waits for the round under way. */
export function startKeeping(given: KeepingDeps): { stop: () => Promise<void> } {
  const deps: KeepingDeps = { ...given, settling: new Map() };
  let round: Promise<void> = Promise.resolve();
  let stopped = false;
  const turn = (): void => {
    if (stopped) return;
    round = round
      .then(() => (stopped ? undefined : keepLog(deps)))
      .catch((error: unknown) => deps.log.error({ err: error }, "house-keeping"));
  };
  turn();
  const timer = setInterval(turn, EVERY_MS);
  return {
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      await round;
    },
  };
}
