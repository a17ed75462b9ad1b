import { randomUUID } from "node:crypto";
import type { EventInput, Json, MailFilter, MailMessage } from "@daybook/contract";
import type { Pool } from "pg";
import { csvField } from "../../record/export/csv.ts";
import type { ExportFormat } from "../../record/export/export.ts";
import type { RecordWriter } from "../../record/record.ts";
import { reading } from "../../record/search/reading.ts";
import { toMail } from "../mail-row.ts";
import { alternativesOf, mailCondition, wordsOf } from "./mail-condition.ts";
import { readMails } from "./mail-list.ts";

/** Mails read in one statement: memory stays within a few of these, whatever the length of the export. */
const BATCH_MAILS = 500;
/** One batch may take this long: an export of rare words reads far. */
const BATCH_MS_MAX = 60_000;
const CHUNK_LENGTH = 64 * 1024;

export interface MailExport {
  workspaceId: number;
  filter: MailFilter;
  format: ExportFormat;
  personal: boolean;
  /** A mail as whoever exports may see it. */
  show: (mail: MailMessage) => MailMessage;
}

export interface MailExportProgress {
  mails: number;
}

/** The columns of a CSV, each with its text; undefined is an empty field. */
const columns: readonly (readonly [name: string, text: (mail: MailMessage) => string | number | undefined])[] = [
  ["id", ({ id }) => id],
  ["queuedAt", ({ queuedAt }) => queuedAt],
  ["status", ({ status }) => status],
  ["toAddress", ({ to }) => to.address],
  ["toName", ({ to }) => to.name],
  ["subject", ({ subject }) => subject],
  ["template", ({ template }) => template],
  ["templateVersion", ({ templateVersion }) => templateVersion],
  ["locale", ({ locale }) => locale],
  ["userId", ({ user }) => user?.id],
  ["userName", ({ user }) => user?.name],
  ["targets", ({ targets }) => targets.map(({ type, id }) => `${type}/${id}`).join(" ")],
  ["project", ({ project }) => project],
  ["fromAddress", ({ from }) => from.address],
  ["fromName", ({ from }) => from.name],
  ["delivery", ({ delivery }) => delivery],
  ["priority", ({ priority }) => priority],
  ["sendAt", ({ sendAt }) => sendAt],
  ["sentAt", ({ sentAt }) => sentAt],
  ["settledAt", ({ settledAt }) => settledAt],
  ["attempts", ({ attempts }) => attempts],
  ["class", ({ class: kind }) => kind],
  ["reason", ({ reason }) => reason],
  ["answer", ({ answer }) => answer],
  ["transport", ({ transport }) => transport],
  ["provider", ({ provider }) => provider],
  ["messageId", ({ messageId }) => messageId],
  ["queueId", ({ queueId }) => queueId],
  ["maybeSent", ({ maybeSent }) => (maybeSent ? "yes" : undefined)],
  ["taskId", ({ taskId }) => taskId],
  ["resendOf", ({ resendOf }) => resendOf],
  ["sizeBytes", ({ sizeBytes }) => sizeBytes],
];

/** RFC 4180, as in the export of events: safe to open in a spreadsheet. */
const csvHeader = `${columns.map(([name]) => name).join(",")}\r\n`;
const csvLine = (mail: MailMessage): string =>
  `${columns.map(([, text]) => csvField(String(text(mail) ?? ""))).join(",")}\r\n`;

/** The mails that a filter finds as text, in chunks, the newest first; those that come while it runs are not among them. */
export async function* exportMails(db: Pool, wanted: MailExport, progress: MailExportProgress): AsyncGenerator<string> {
  const { format, show } = wanted;
  let next = readBatch(db, wanted, undefined);
  try {
    let text = format === "csv" ? csvHeader : format === "json" ? "[" : "";
    for (;;) {
      const rows = await next;
      const last = rows.length < BATCH_MAILS ? undefined : rows.at(-1);
      if (last !== undefined) {
        next = readBatch(db, wanted, last.id);
        // Its fault is thrown where it is awaited.
        next.catch(() => {});
      }
      for (const row of rows) {
        const mail = show(toMail(row));
        if (format === "json") text += `${progress.mails === 0 ? "" : ","}\n${JSON.stringify(mail)}`;
        else text += format === "csv" ? csvLine(mail) : `${JSON.stringify(mail)}\n`;
        progress.mails++;
        if (text.length > CHUNK_LENGTH) {
          yield text;
          text = "";
        }
      }
      if (last === undefined) {
        yield format === "json" ? `${text}\n]\n` : text;
        return;
      }
    }
  } finally {
    // Also when whoever reads has had enough: nothing is left running.
    await next.catch(() => {});
  }
}

function readBatch(db: Pool, { workspaceId, filter, personal }: MailExport, before: string | undefined) {
  const wheres = alternativesOf(filter).map((each) => mailCondition(workspaceId, each));
  const wanted = { wheres, words: wordsOf(filter), personal, before };
  return reading(db, BATCH_MS_MAX, (client) => readMails(client, wanted, BATCH_MAILS));
}

/** What is recorded of an export of mails: that it began (`log.exported`), and how it ended (`log.export.finished`). */
export class MailExportEvents {
  readonly #record: Pick<RecordWriter, "write">;
  readonly #workspaceId: number;
  readonly #details: { list: string; exportId: string; format: string; filter: Json };
  /** Adds actor and origin. */
  readonly #complete: (event: Omit<EventInput, "actor" | "origin">) => EventInput;

  constructor(
    record: Pick<RecordWriter, "write">,
    { workspaceId, filter, format }: MailExport,
    complete: (event: Omit<EventInput, "actor" | "origin">) => EventInput,
  ) {
    this.#record = record;
    this.#workspaceId = workspaceId;
    this.#complete = complete;
    this.#details = { list: "mails", exportId: randomUUID(), format, filter: { ...filter } as Json };
  }

  /** Records that the export begins; resolves when that is on disk. */
  async begin(): Promise<void> {
    await this.#record.write(this.#workspaceId, [this.#complete({ action: "log.exported", details: this.#details })]);
  }

  /** Records how many mails were handed out, and whether all were. */
  async end({ mails }: MailExportProgress, whole: boolean): Promise<void> {
    const event = this.#complete({
      action: "log.export.finished",
      outcome: whole ? "success" : "failure",
      ...(whole ? {} : { reason: "broken_off" }),
      details: { ...this.#details, mails },
    });
    await this.#record.write(this.#workspaceId, [event]);
  }
}
