import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Appender } from "@daybook/server/record/append.ts";
import { CheckpointBook } from "@daybook/server/record/merkle/checkpoint-book.ts";
import { LogKeys } from "@daybook/server/record/merkle/log-keys.ts";
import type { VerifyFault } from "@daybook/server/record/verify/fault.ts";
import { type VerifyResult, verify } from "@daybook/server/record/verify/verify.ts";
import type { PoolClient } from "pg";
import { type TestDatabase, testDatabase } from "./database.ts";
import { sampleEvents } from "./sample-log.ts";

/** A log of sample events with checkpoints, to be tampered with. */
export interface ProvenLog {
  database: TestDatabase;
  /** The data directory, with keys and the file of checkpoints. */
  data: string;
  keys: LogKeys;
  verify(): Promise<VerifyResult>;
  /** Changes the database as its owner, verifies, puts everything back, and gives what was found. */
  faultAfter(change: (client: PoolClient) => Promise<unknown>): Promise<VerifyFault | undefined>;
  close(): Promise<void>;
}

const tables = ["event", "log_head", "log_tile", "log_leaf", "log_checkpoint", "event_count_hour"];

/** A fresh database whose workspace has so many sample events, and a checkpoint at each of the sizes (ascending). */
export async function provenLog(events: number, checkpoints: readonly number[]): Promise<ProvenLog> {
  const database = await testDatabase();
  const { db, ownerDb, workspaceId } = database;
  const data = mkdtempSync(join(tmpdir(), "daybook-proven-"));
  const keys = new LogKeys({ data });
  const appender = new Appender(db, ownerDb);
  const book = new CheckpointBook({ db, keys, data });
  let written = 0;
  for (const size of [...checkpoints, events]) {
    await appender.append(workspaceId, sampleEvents(size - written, written));
    written = size;
    if (checkpoints.includes(size)) await book.current(workspaceId);
  }
  await appender.close();
  const verifyNow = () => verify(db, workspaceId, { data, keys });
  const faultAfter = async (change: (client: PoolClient) => Promise<unknown>) => {
    const client = await ownerDb.connect();
    try {
      for (const table of tables) await client.query(`create table kept_${table} as table ${table}`);
      await change(client);
      return (await verifyNow()).firstFault;
    } finally {
      for (const table of tables) {
        await client.query(
          `truncate ${table}; insert into ${table} select * from kept_${table}; drop table kept_${table}`,
        );
      }
      client.release();
    }
  };
  const close = async () => {
    await database.close();
    rmSync(data, { recursive: true });
  };
  return { database, data, keys, verify: verifyNow, faultAfter, close };
}
