import pg from "pg";
import type { Db } from "./pool.ts";

const RECONNECT_MS = 1_000;

export interface Listening {
  close(): Promise<void>;
}

export interface ListenOptions {
  channel: string;
  onMessage: (payload: string) => void;
  /** Called after every connect: what was said while nobody listened is lost, so caches must be dropped. */
  onGap: () => void;
  /** Called when the connection could not be made or broke; it is tried again after a second. */
  onFault: (error: Error) => void;
}

/** Listens on a channel of PostgreSQL (LISTEN) over a connection of its own, for as long as it is not closed. Resolves once the
 *  first try is over, whether it worked or not. */
export async function listen(db: Db, options: ListenOptions): Promise<Listening> {
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  let closed = false;

  const connect = async () => {
    const fresh = new pg.Client({ ...db.options, application_name: `daybook listens to ${options.channel}` });
    client = fresh;
    const lost = (error: Error) => {
      if (client !== fresh || closed) return;
      client = undefined;
      options.onFault(error);
      fresh.end().catch(() => {});
      retry = setTimeout(connect, RECONNECT_MS).unref();
    };
    fresh.on("error", lost);
    fresh.on("end", () => lost(new Error("the connection ended")));
    fresh.on("notification", (message) => options.onMessage(message.payload ?? ""));
    try {
      await fresh.connect();
      await fresh.query(`listen ${pg.escapeIdentifier(options.channel)}`);
      options.onGap();
    } catch (error) {
      lost(error as Error);
    }
  };

  await connect();
  return {
    close: async () => {
      closed = true;
      clearTimeout(retry);
      await client?.end().catch(() => {});
    },
  };
}
