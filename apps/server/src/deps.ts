import type { Logger } from "pino";
import type { Vault } from "./access/vault.ts";
import type { Config } from "./config.ts";
import type { Db } from "./db/pool.ts";
import type { MailDesk } from "./mail/mail-desk.ts";
import type { TemplateBook } from "./mail/templates/template-book.ts";
import type { ActionBook } from "./record/actions.ts";
import type { Appender } from "./record/append.ts";
import type { CheckpointBook } from "./record/merkle/checkpoint-book.ts";
import type { OriginLookup } from "./record/origin/origin.ts";
import type { RecordWriter } from "./record/record.ts";
import type { RedactionBook } from "./record/redaction-book.ts";
import type { TaskDesk } from "./tasks/task-desk.ts";
import type { ConfigSources, SettingsBook } from "./workspace/settings-book.ts";

/** What routes, commands and background work are given. Made once by `openDeps`, in tests by the testkit. */
export interface Deps {
  config: Config;
  /** Where the settings of `config` came from; what is not named has its default. */
  configSources?: ConfigSources | undefined;
  /** For requests: role daybook_app, may read and append to the log. */
  db: Db;
  /** For DDL and maintenance. */
  ownerDb: Db;
  log: Logger;
  /** Milliseconds since the epoch. */
  clock: () => number;
  /** Puts events into the logs. */
  record: RecordWriter;
  appender: Appender;
  /** What each action means. */
  actions: ActionBook;
  /** What is secret in each workspace. */
  redaction: RedactionBook;
  /** What holds in each workspace. */
  settings: SettingsBook;
  /** What an address and a user agent say. */
  origin: OriginLookup;
  /** Signs the heads of the logs. */
  checkpoints: CheckpointBook;
  /** Makes tasks, knows their types, has their queue. */
  tasks: TaskDesk;
  /** Makes mails. */
  mail: MailDesk;
  /** What mails say. */
  templates: TemplateBook;
  /** Encrypts what must be readable again. */
  vault: Vault;
}
