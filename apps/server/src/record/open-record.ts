import { join } from "node:path";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Config } from "../config.ts";
import { type ConfigSources, SettingsBook } from "../workspace/settings-book.ts";
import { ActionBook } from "./actions.ts";
import { Appender } from "./append.ts";
import { CheckpointBook } from "./merkle/checkpoint-book.ts";
import { LogKeys } from "./merkle/log-keys.ts";
import { OriginLookup, type OverlayNetwork } from "./origin/origin.ts";
import { RecordWriter } from "./record.ts";
import { RedactionBook } from "./redaction-book.ts";

export interface OpenRecordOptions {
  config: Config;
  /** Where the settings of `config` came from. */
  configSources?: ConfigSources | undefined;
  db: Pool;
  ownerDb: Pool;
  log: Logger;
  clock: () => number;
  /** Where the packed network data is kept; left out, under the data directory. */
  cacheDir?: string;
  /** Networks of an invented company, for the demo only. */
  overlay?: readonly OverlayNetwork[];
}

export interface OpenRecord {
  record: RecordWriter;
  appender: Appender;
  actions: ActionBook;
  /** What is secret in each workspace. */
  redaction: RedactionBook;
  /** What holds in each workspace. */
  settings: SettingsBook;
  origin: OriginLookup;
  /** Signs the heads of the logs. */
  checkpoints: CheckpointBook;
  /** Waits for what was taken to be committed, then lets go of files and timers. */
  close(): Promise<void>;
}

/** Makes the writing side of the record with everything it needs. */
export async function openRecord(options: OpenRecordOptions): Promise<OpenRecord> {
  const { config, db, ownerDb, log, clock } = options;
  const origin = await OriginLookup.open({
    countryFile: config.geoCountry,
    asnFile: config.geoAsn,
    cacheDir: options.cacheDir ?? join(config.data, "cache"),
    overlay: options.overlay,
    log,
  });
  const actions = await ActionBook.open({ db, file: config.actionsFile, log });
  const settings = await SettingsBook.open({ db, config, sources: options.configSources, log });
  const redaction = new RedactionBook(config, settings);
  const appender = new Appender(db, ownerDb);
  const record = new RecordWriter(db, { actions, origin, redaction }, appender, clock);
  const checkpoints = new CheckpointBook({ db, keys: new LogKeys(config), data: config.data });
  const close = async (): Promise<void> => {
    await appender.close();
    await actions.close();
    await settings.close();
    origin.close();
  };
  return { record, appender, actions, redaction, settings, origin, checkpoints, close };
}
