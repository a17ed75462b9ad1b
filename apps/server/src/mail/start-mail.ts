import type { Deps } from "../deps.ts";
import { createMailPartitions } from "./mail-partitions.ts";
import { mailTeller } from "./mail-teller.ts";

const PARTITIONS_EVERY_MS = 6 * 3_600_000;

/** What goes on for mail in the background besides delivery, which is a task: months made ahead, and the log told. */
export async function startMail(deps: Deps): Promise<{ stop(): Promise<void> }> {
  await createMailPartitions(deps.ownerDb, deps.clock());
  const partitions = setInterval(() => {
    createMailPartitions(deps.ownerDb, deps.clock()).catch((error: unknown) =>
      deps.log.error({ err: error }, "partitions of mails could not be made"),
    );
  }, PARTITIONS_EVERY_MS);
  const teller = mailTeller(deps);
  await teller.start();
  return {
    stop: async () => {
      clearInterval(partitions);
      await teller.stop();
    },
  };
}
