import type { EventInput } from "@daybook/contract";
import type { Access } from "../../access/access.ts";
import { accessEvent, type RequestOrigin } from "../../access/access-events.ts";
import type { RecordWriter } from "../../record/record.ts";
import type { MailRow } from "../mail-row.ts";

/** Whoever looks at the same mail again within this time is not told of again: the console asks more than once. */
const SAME_MS = 10 * 60_000;
/** Openings that are remembered; of more, the oldest are forgotten and told of twice. */
const REMEMBERED_MAX = 10_000;

/** What of a mail was looked at. */
export type Opened = "content" | "source";

/** Puts on record who looked at what mails said, before it is shown. */
export class MailOpenings {
  readonly #record: Pick<RecordWriter, "write">;
  readonly #clock: () => number;
  /** By person, mail and what of it, in the order of time. */
  readonly #told = new Map<string, { atMs: number; written: Promise<unknown> }>();

  constructor({ record, clock }: { record: Pick<RecordWriter, "write">; clock: () => number }) {
    this.#record = record;
    this.#clock = clock;
  }

  /** Resolves when it is on record that this person opened this mail, now or within the last minutes. Throws when it could not be. */
  async note(access: Access, origin: RequestOrigin, mail: MailRow, what: Opened): Promise<void> {
    const key = [mail.workspace_id, mail.id, what, access.kind, access.id].join(" ");
    const nowMs = this.#clock();
    const held = this.#told.get(key);
    if (held !== undefined && nowMs - held.atMs < SAME_MS) return void (await held.written);
    this.#forgetOld(nowMs);
    const written = this.#record.write(mail.workspace_id, [accessEvent(access, origin, openedEvent(mail, what))]);
    this.#told.delete(key);
    this.#told.set(key, { atMs: nowMs, written });
    try {
      await written;
    } catch (error) {
      if (this.#told.get(key)?.written === written) this.#told.delete(key);
      throw error;
    }
  }

  #forgetOld(nowMs: number): void {
    for (const [key, { atMs }] of this.#told) {
      if (nowMs - atMs < SAME_MS && this.#told.size < REMEMBERED_MAX) return;
      this.#told.delete(key);
    }
  }
}

function openedEvent(mail: MailRow, what: Opened): Omit<EventInput, "actor" | "origin"> {
  const owner = mail.user_id === null ? {} : { ownerId: mail.user_id };
  return {
    action: "mail.opened",
    targets: [{ type: "mail", id: mail.id, name: mail.to_address, ...owner }],
    details: { messageId: mail.id, what, ...(mail.template === null ? {} : { template: mail.template }) },
  };
}
