import type { MailMessage, MailOrder, MailParty, NewMail } from "@daybook/contract";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { Vault } from "../access/vault.ts";
import type { Config } from "../config.ts";
import { canonicalJson } from "../record/canonical-json.ts";
import type { RecordWriter } from "../record/record.ts";
import type { RedactionBook } from "../record/redaction-book.ts";
import type { TaskDesk } from "../tasks/task-desk.ts";
import type { Doer } from "../tasks/transition.ts";
import type { SettingsBook } from "../workspace/settings-book.ts";
import { AcceptedMails, type Waiting } from "./accept-mails.ts";
import {
  draftExternal,
  draftMail,
  draftRelayed,
  type MadeMail,
  type Origin,
  type RelayedMail,
  type Said,
} from "./draft-mail.ts";
import { readMail } from "./log/mail-store.ts";
import { KeyBook, keyFrom, keyOf, type MailKey } from "./mail-key.ts";
import { attachmentsOf, checkOrder, readOrder } from "./mail-order.ts";
import { toMail } from "./mail-row.ts";
import { resendOrder } from "./resend-mail.ts";
import type { TemplateBook } from "./templates/template-book.ts";
import { Turns } from "./turns.ts";

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
  templates: TemplateBook;
}

export interface Taken {
  message: MailMessage;
  /** False: it was there already. */
  made: boolean;
}

/** Where mails are made: by the API, by the relay, by Daybook itself. */
export class MailDesk {
  readonly #deps: MailDeps;
  readonly #accepted: AcceptedMails;
  readonly #keys: KeyBook;
  readonly #turns = new Turns();

  constructor(deps: MailDeps) {
    this.#deps = deps;
    this.#accepted = new AcceptedMails(deps);
    this.#keys = new KeyBook(deps.db);
  }

  /**
   * Takes one mail: it is on disk, and so is its task, when this resolves. A key that is there answers with the message that has it.
   *  1. Check it, and look whether its key is known.
   *  2. Render it, if it names a template.
   *  3. Make its bytes, and what is kept of them for reading.
   *  4. Store it with its task, together with others of the workspace that come at the same time.
   * `asShipped`: nothing that the workspace has changed of the template is used. Throws `invalid_request`, `body_too_large`, `sender_missing`, `conflict` (the key is another mail's), `not_found`, `missing_data`,
   * `invalid_template`.
   */
  async send(workspaceId: number, mail: NewMail, doer: Doer = {}, { asShipped = false } = {}): Promise<Taken> {
    const { vault, clock } = this.#deps;
    const order = readOrder(mail);
    checkOrder(order, clock());
    const key = keyOf(vault, workspaceId, order);
    const known = key && (await this.#known(workspaceId, key));
    if (known !== undefined) return known;
    const made =
      order.delivery === "external"
        ? draftExternal(this.#deps, workspaceId, order, doer)
        : await this.#draft(workspaceId, order, await this.#said(workspaceId, order, asShipped), doer);
    return this.#take(workspaceId, [{ made, key }]).then(([taken]) => taken as Taken);
  }

  /** Takes a message that came in as a whole, for each of its recipients: all of them are on disk when this resolves, or none is. */
  async relay(workspaceId: number, mails: readonly RelayedMail[], doer: Doer = {}): Promise<Taken[]> {
    const { vault } = this.#deps;
    const waiting = mails.map((mail) => ({
      made: draftRelayed(this.#deps, workspaceId, mail, doer),
      key: mail.key === undefined ? undefined : keyFrom(vault, workspaceId, mail.key, mail.to.address),
    }));
    return this.#take(workspaceId, waiting);
  }

  /**
   * Sends a message once more, to the same or another address: a new message that names the first. Throws `not_found`, `mail_not_resendable`
   * when what it said is not known in full, and what `send` throws. The same key again is the same mail.
   */
  async resend(
    workspaceId: number,
    id: string,
    { to, key: givenKey }: { to?: MailParty | undefined; key?: string | undefined } = {},
    doer: Doer = {},
  ): Promise<Taken> {
    const asked = `resend ${id} ${canonicalJson(to ?? null)}`;
    const key = givenKey === undefined ? undefined : keyFrom(this.#deps.vault, workspaceId, givenKey, asked);
    const known = key && (await this.#known(workspaceId, key));
    if (known !== undefined) return known;
    const { order, said } = await resendOrder(this.#deps, workspaceId, id, to);
    const origin: Origin = { ...doer, resendOf: id };
    const made = await this.#draft(workspaceId, order, said ?? (await this.#said(workspaceId, order)), origin);
    return this.#take(workspaceId, [{ made, key }]).then(([taken]) => taken as Taken);
  }

  async #known(workspaceId: number, key: MailKey): Promise<Taken | undefined> {
    const id = await this.#keys.find(workspaceId, key);
    return id === undefined
      ? undefined
      : { message: toMail(await readMail(this.#deps.db, workspaceId, id)), made: false };
  }

  async #draft(workspaceId: number, order: MailOrder, said: Said, origin: Origin): Promise<MadeMail> {
    await this.#turns.next();
    return draftMail(this.#deps, workspaceId, order, said, origin);
  }

  async #take(workspaceId: number, waiting: readonly Waiting[]): Promise<Taken[]> {
    const rows = await this.#accepted.add(workspaceId, waiting);
    return rows.map(({ row, made }) => ({ message: toMail(row), made }));
  }

  /** What an order says: rendered, or as it was given. */
  async #said(workspaceId: number, order: ReturnType<typeof readOrder>, asShipped = false): Promise<Said> {
    const { template, data = {}, locale, subject = "", html } = order;
    if (template === undefined) {
      // Spam filters think little of mails that have no text, and some people read nothing else.
      const text = order.text ?? (html === undefined ? undefined : await this.#deps.templates.textOf(html));
      return { subject, html, text, locale, secrets: [], variables: order.data };
    }
    const rendered = await this.#deps.templates.render(workspaceId, { name: template, locale, data, asShipped });
    const { variablesMasked: variables, inline, ...said } = rendered;
    return {
      ...said,
      variables,
      inline: attachmentsOf(inline.map((each) => ({ ...each, contentType: each.contentType ?? "image/png" }))),
    };
  }
}
