import type { ViewerMail } from "@daybook/contract";
import { element } from "./dom.ts";
import { relativeTime, shortTime } from "./moment-text.ts";
import { refreshTimes } from "./row.ts";
import { fill, type Strings } from "./strings.ts";
import type { ViewerApi } from "./viewer-api.ts";

/** Mails that are shown at first; a button brings further ones. */
const ROWS = 5;
const ROWS_COMPACT = 3;
const ROWS_MORE = 10;
/** How often it is looked whether there are new ones: mails are rare, and nobody watches them as they go. */
const LOOK_MS = 60_000;

export interface MailListOptions {
  strings: Strings;
  locale: string | undefined;
  target: string | null;
  compact: boolean;
}

const marks = { waiting: "◷", sent: "✓", delivered: "✓", undelivered: "✕" } as const;

/** The customer's mails: the newest, and whether they went out. Nothing is shown while there are none. */
export class MailList {
  readonly element: HTMLElement;
  readonly #api: ViewerApi;
  readonly #options: MailListOptions;
  readonly #life = new AbortController();
  readonly #list = element("ol", { part: "mails-list", class: "mails-list list" });
  readonly #more: HTMLButtonElement;
  readonly #said = element("span", { class: "only-read", attributes: { role: "status" } });
  readonly #timer: ReturnType<typeof setInterval>;
  #mails: ViewerMail[] = [];
  #cursor: string | null = null;

  constructor(api: ViewerApi, options: MailListOptions) {
    this.#api = api;
    this.#options = options;
    const { strings } = options;
    const title = element("h2", { part: "mails-title", text: strings.mails, attributes: { id: "mails-title" } });
    const press = { part: "mails-more", class: "more", attributes: { type: "button" } };
    this.#more = element("button", { ...press, text: strings.moreMails, onClick: () => void this.#readMore() });
    const foot = element("div", { part: "mails-foot", class: "foot" }, this.#more);
    const named = { "aria-labelledby": "mails-title" };
    const head = element("div", { part: "mails-head" }, title, this.#said);
    this.element = element("section", { part: "mails", attributes: named }, head, this.#list, foot);
    this.element.hidden = true;
    void this.#look();
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  refreshTimes(): void {
    refreshTimes(this.#list, this.#options.locale);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#life.abort();
  }

  /** Reads as many as are shown, anew: what became of them may have changed. */
  async #look(): Promise<void> {
    const first = this.#options.compact ? ROWS_COMPACT : ROWS;
    const page = await this.#read({ limit: `${Math.min(100, Math.max(first, this.#mails.length))}` });
    if (page === undefined) return;
    this.#show(page.items, page.nextCursor);
  }

  async #readMore(): Promise<void> {
    if (this.#cursor === null || this.#more.getAttribute("aria-disabled") === "true") return;
    this.#more.setAttribute("aria-disabled", "true");
    const before = this.#mails.length;
    const page = await this.#read({ limit: `${ROWS_MORE}`, cursor: this.#cursor });
    this.#more.removeAttribute("aria-disabled");
    const { failed, loaded } = this.#options.strings;
    if (page === undefined) {
      this.#said.textContent = failed;
      return;
    }
    // Those that came meanwhile are not twice in the list.
    const known = new Set(this.#mails.map(({ id }) => id));
    this.#show([...this.#mails, ...page.items.filter(({ id }) => !known.has(id))], page.nextCursor);
    this.#said.textContent = fill(loaded, { n: this.#mails.length });
    if (page.nextCursor === null) this.#focus(before);
  }

  /** The button is gone: who pressed it goes on at the first new row. */
  #focus(at: number): void {
    const row = this.#list.children[at];
    if (!(row instanceof HTMLElement)) return;
    row.tabIndex = -1;
    row.focus();
  }

  async #read(words: Record<string, string>) {
    try {
      return await this.#api.mails({ target: this.#options.target ?? undefined, ...words }, this.#life.signal);
    } catch {
      // The list of events, which asks with the same token, tells of its end; after anything else the next look reads again.
      return undefined;
    }
  }

  #show(mails: ViewerMail[], cursor: string | null): void {
    const isSame = JSON.stringify(mails) === JSON.stringify(this.#mails);
    this.#mails = mails;
    this.#cursor = cursor;
    this.#more.hidden = cursor === null;
    this.element.hidden = mails.length === 0;
    if (!isSame) this.#list.replaceChildren(...mails.map((mail) => mailRow(mail, this.#options)));
  }
}

/** One mail: when, what became of it, the subject, what kind and to whom. */
function mailRow(mail: ViewerMail, { strings, locale }: MailListOptions): HTMLLIElement {
  const { status, subject, at, kind, to } = mail;
  const ms = Date.parse(at);
  const time = element("time", {
    text: relativeTime(ms, Date.now(), locale),
    attributes: { datetime: at, title: shortTime(ms, locale) },
  });
  const mark = element("span", { text: marks[status], attributes: { "aria-hidden": "true" } });
  const said = element("span", { text: strings[status] });
  const more = [kind, to === undefined ? undefined : fill(strings.mailTo, { address: to })].filter(Boolean);
  return element(
    "li",
    { part: "mail" },
    element("span", { part: "mail-status", class: `mail-status ${status}` }, mark, " ", said),
    element("span", { part: "mail-subject", text: subject }),
    more.length === 0 ? undefined : element("span", { part: "mail-about", text: more.join(" · ") }),
    element("span", { part: "mail-time" }, time),
  );
}
