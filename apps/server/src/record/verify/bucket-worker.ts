/** A thread that checks buckets over a connection of its own, on the snapshot it is given. */
import { parentPort, workerData } from "node:worker_threads";
import pg from "pg";
import { checkBucket, type LogToCheck } from "./bucket.ts";
import { ShortWays } from "./bucket-rows.ts";
import { inSnapshot } from "./snapshot.ts";

export interface WorkerStart {
  connection: pg.ClientConfig;
  snapshot: string;
  log: LogToCheck;
}

export interface BucketOrder {
  bucket: number;
  sizes: number[];
}

const { connection, snapshot, log } = workerData as WorkerStart;
const port = parentPort;
if (port === null) throw new Error("bucket-worker.ts is a worker thread, not a program.");

const short = new ShortWays(log.slug);
const client = new pg.Client(connection);
// A connection that breaks rejects the query under way, which ends this thread with the reason.
client.on("error", () => {});
await client.connect();

port.on("message", (order: BucketOrder | "end") => {
  if (order === "end") {
    void client.end().then(() => port.close());
    return;
  }
  inSnapshot(client, snapshot, () => checkBucket(client, log, order.bucket, order.sizes, short)).then(
    (report) => port.postMessage(report),
    (error: unknown) => {
      throw error;
    },
  );
});
port.postMessage("ready");
