import { AppError, type MailMessage, type NewMail } from "@daybook/contract";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Vault } from "../access/vault.ts";
import type { Config } from "../config.ts";
import type { RecordWriter } from "../record/record.ts";
import type { RedactionBook } from "../record/redaction-book.ts";
import type { TaskDesk } from "../tasks/task-desk.ts";
import type { Doer } from "../tasks/transition.ts";
import type { SettingsBook } from "../workspace/settings-book.ts";

export interface MailDeps {
  config: Config;
  db: Pool;
  ownerDb: Pool;
  log: Logger;
  clock: () => number;
  record: Pick<RecordWriter, "write">;
  redaction: RedactionBook;
  settings: SettingsBook;
  tasks: TaskDesk;
  vault: Vault;
}

/** Where mails are made: by the API, by the relay, by Daybook itself. */
export class MailDesk {
  readonly #deps: MailDeps;

  constructor(deps: MailDeps) {
    this.#deps = deps;
  }

  /** Takes one mail: it is on disk, and so is its task, when this resolves. A key that is there answers with the message that has it. */
  async send(workspaceId: number, mail: NewMail, doer: Doer = {}): Promise<{ message: MailMessage; made: boolean }> {
    this.#deps.log.debug({ workspaceId, template: mail.template, doer }, "mail");
    throw new AppError("internal", "Mail is not sent yet.");
  }
}
