import type { ViewerEvent } from "@daybook/contract";
import type { ActionGroup } from "./action-groups.ts";
import { element } from "./dom.ts";
import { Feed, type FeedView } from "./feed.ts";
import { isFiltered, noFilter } from "./filter.ts";
import { FilterRow } from "./filter-row.ts";
import { MailList } from "./mail-list.ts";
import mailsCss from "./mails.css?inline";
import { knownLocale } from "./moment-text.ts";
import { eventRow, moveFocus, refreshTimes } from "./row.ts";
import { defaultStrings, fill, type Strings } from "./strings.ts";
import { TaskStrip } from "./task-strip.ts";
import tasksCss from "./tasks.css?inline";
import css from "./viewer.css?inline";
import { ViewerApi } from "./viewer-api.ts";

/** How often relative times are brought up to date. */
const TIMES_MS = 30_000;
const BONES = 6;

const sheet = new CSSStyleSheet();
sheet.replaceSync(css + tasksCss + mailsCss);

/** The server that this module came from: left out, `server` is that one. */
const home = new URL(import.meta.url).origin;

/**
 * `<daybook-activity token="dbv_…" server="https://daybook.example.com">`: what happened to a customer's servers.
 * Attributes: token, server, theme (auto, light, dark), locale, target (type/id), compact, no-filter, tasks, mails. A changed one reads again.
 * Events: `daybook-token-expired` (set a new token then), `daybook-error` (detail: the error).
 */
export class DaybookActivity extends HTMLElement {
  static observedAttributes = ["token", "server", "target", "locale", "compact", "no-filter", "tasks", "mails"];

  readonly #root = this.attachShadow({ mode: "open" });
  #strings: Strings = defaultStrings;
  #feed: Feed | undefined;
  #filters: FilterRow | undefined;
  #tasks: TaskStrip | undefined;
  #mails: MailList | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isDue = false;
  readonly #list = element("ol", { part: "list" });
  readonly #notice = element("div", { part: "notice" });
  readonly #more = element("button", { part: "more", attributes: { type: "button" }, onClick: () => this.#loadMore() });
  readonly #foot = element("div", { part: "foot" }, this.#more);
  readonly #said = element("span", { part: "said", attributes: { role: "status" } });
  readonly #live = element("span", { part: "live" });
  readonly #fresh = element("button", {
    part: "fresh-button",
    attributes: { type: "button" },
    onClick: () => this.#showWaiting(true),
  });
  readonly #status = element("div", { part: "status" }, this.#live, this.#said, this.#fresh);

  constructor() {
    super();
    this.#root.adoptedStyleSheets = [sheet];
    this.#list.addEventListener("keydown", (event) => moveFocus(this.#list, event));
  }

  /** Texts of the page's own; those left out stay English. */
  set strings(own: Partial<Strings>) {
    this.#strings = { ...defaultStrings, ...own };
    this.#startSoon();
  }

  get strings(): Strings {
    return this.#strings;
  }

  connectedCallback(): void {
    this.#takeEarlyStrings();
    this.#timer = setInterval(() => {
      refreshTimes(this.#list, this.#locale);
      this.#tasks?.refreshTimes();
      this.#mails?.refreshTimes();
    }, TIMES_MS);
    this.#startSoon();
  }

  /** Texts that a page set before this module was there lie on the element itself and hide the setter. */
  #takeEarlyStrings(): void {
    const early = Object.getOwnPropertyDescriptor(this, "strings")?.value as Partial<Strings> | undefined;
    if (early === undefined) return;
    Reflect.deleteProperty(this, "strings");
    this.strings = early;
  }

  disconnectedCallback(): void {
    clearInterval(this.#timer);
    this.#closeFeeds();
  }

  #closeFeeds(): void {
    this.#feed?.close();
    this.#feed = undefined;
    this.#tasks?.close();
    this.#tasks = undefined;
    this.#mails?.close();
    this.#mails = undefined;
  }

  attributeChangedCallback(_name: string, old: string | null, value: string | null): void {
    if (old !== value) this.#startSoon();
  }

  get #locale(): string | undefined {
    return knownLocale(this.getAttribute("locale"));
  }

  /** Several attributes that are set after each other are one beginning. */
  #startSoon(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      if (this.isConnected) this.#start();
    });
  }

  #start(): void {
    this.#closeFeeds();
    const strings = this.#strings;
    const token = this.getAttribute("token") ?? "";
    const hasFilter = !this.hasAttribute("no-filter");
    this.#filters = hasFilter ? new FilterRow(strings, (filter) => void this.#feed?.read(filter)) : undefined;
    this.#status.hidden = false;
    const body = element("div", { part: "body" }, this.#list, this.#notice, this.#foot);
    const name = { role: "region", "aria-label": strings.label };
    const box = element("div", { part: "base", attributes: name }, this.#filters?.element, this.#status, body);
    this.#root.replaceChildren(box);
    this.#more.textContent = strings.more;
    this.#fresh.hidden = true;
    this.#onLive(false);
    this.#live.hidden = true;
    if (token === "") {
      this.#tell(strings.noToken, strings.noTokenHint);
      return;
    }
    const options = { target: this.getAttribute("target"), compact: this.hasAttribute("compact") };
    const api = new ViewerApi(this.getAttribute("server") || home, token);
    const telling = { ...options, strings, locale: this.#locale };
    if (this.hasAttribute("mails")) {
      this.#mails = new MailList(api, telling);
      box.prepend(this.#mails.element);
    }
    if (this.hasAttribute("tasks")) {
      this.#tasks = new TaskStrip(api, telling);
      box.prepend(this.#tasks.element);
    }
    let feed: Feed;
    // A feed that was closed may still have an answer under way; it speaks to nobody.
    feed = new Feed(
      api,
      this.#viewOf(() => this.#feed === feed),
      options,
    );
    this.#feed = feed;
    void feed.read(this.#filters?.filter ?? noFilter);
    if (hasFilter) void feed.readGroups();
  }

  #viewOf(isMine: () => boolean): FeedView {
    const mine =
      <Words extends unknown[]>(act: (...words: Words) => void) =>
      (...words: Words): void => {
        if (isMine()) act(...words);
      };
    return {
      onLoading: mine(() => this.#onLoading()),
      onRows: mine((events: ViewerEvent[], hasMore: boolean) => this.#onRows(events, hasMore)),
      onMore: mine((events: ViewerEvent[], hasMore: boolean) => this.#onMore(events, hasMore)),
      onWaiting: mine((count: number) => this.#onWaiting(count)),
      onLive: mine((open: boolean) => this.#onLive(open)),
      onGroups: mine((groups: ActionGroup[]) => this.#filters?.offer(groups)),
      onExpired: mine(() => this.#onExpired()),
      onFault: mine((error: unknown, isMore: boolean) => this.#onFault(error, isMore)),
    };
  }

  #onLoading(): void {
    this.#foot.hidden = true;
    this.#said.textContent = this.#strings.loading;
    this.#list.setAttribute("aria-busy", "true");
    if (this.#list.querySelector("time") !== null) return; // The rows stay until there are others: no jump.
    this.#notice.hidden = true;
    const bones = Array.from({ length: BONES }, () =>
      element("li", { class: "bone", attributes: { "aria-hidden": "true" } }),
    );
    this.#list.replaceChildren(...bones);
  }

  #onRows(events: ViewerEvent[], hasMore: boolean): void {
    const { empty, emptyHint, noMatch, clear } = this.#strings;
    this.#list.removeAttribute("aria-busy");
    this.#list.replaceChildren(...this.#rowsOf(events));
    this.#notice.hidden = true;
    this.#foot.hidden = !hasMore;
    this.#countRows();
    if (events.length > 0) return;
    if (isFiltered(this.#filters?.filter ?? noFilter)) this.#tell(noMatch, "", clear, () => this.#filters?.clear());
    else this.#tell(empty, emptyHint);
  }

  #onMore(events: ViewerEvent[], hasMore: boolean): void {
    const rows = this.#rowsOf(events);
    const hadFocus = this.#root.activeElement === this.#more;
    this.#list.append(...rows);
    this.#more.removeAttribute("aria-disabled");
    this.#foot.hidden = !hasMore;
    this.#countRows();
    if (hadFocus && !hasMore) rows[0]?.querySelector("button")?.focus();
  }

  #onWaiting(count: number): void {
    const isIdle = this.#list.querySelector("time") === null && this.#list.getAttribute("aria-busy") !== "true";
    if (count > 0 && isIdle) {
      this.#showWaiting(false); // An empty list has nothing that would jump.
      return;
    }
    this.#fresh.hidden = count === 0;
    this.#fresh.textContent = fill(this.#strings.fresh, { n: count });
    if (count > 0) this.#said.textContent = fill(this.#strings.fresh, { n: count });
    // Said for screen readers alone while the button shows it.
    this.#said.classList.toggle("only-read", count > 0);
  }

  #showWaiting(isAsked: boolean): void {
    const rows = this.#rowsOf(this.#feed?.takeWaiting() ?? [], true);
    this.#notice.hidden = true;
    this.#list.prepend(...rows);
    this.#countRows();
    if (isAsked) rows[0]?.querySelector("button")?.focus();
  }

  #onLive(open: boolean): void {
    this.#live.hidden = false;
    this.#live.classList.toggle("open", open);
    this.#live.textContent = open ? this.#strings.live : this.#strings.reconnecting;
  }

  #onExpired(): void {
    this.#tasks?.element.remove();
    this.#mails?.element.remove();
    this.#closeFeeds();
    this.#tell(this.#strings.expired, this.#strings.expiredHint);
    this.dispatchEvent(new CustomEvent("daybook-token-expired", { bubbles: true, composed: true }));
  }

  #onFault(error: unknown, isMore: boolean): void {
    const { failed, failedHint, retry } = this.#strings;
    this.dispatchEvent(new CustomEvent("daybook-error", { bubbles: true, composed: true, detail: error }));
    this.#more.removeAttribute("aria-disabled");
    if (isMore) this.#said.textContent = failed;
    else this.#tell(failed, failedHint, retry, () => void this.#feed?.read(this.#filters?.filter ?? noFilter));
  }

  #loadMore(): void {
    if (this.#more.getAttribute("aria-disabled") === "true") return;
    this.#more.setAttribute("aria-disabled", "true");
    this.#said.textContent = this.#strings.loading;
    void this.#feed?.more();
  }

  #rowsOf(events: ViewerEvent[], isFresh = false): HTMLLIElement[] {
    return events.map((event) => eventRow(event, { strings: this.#strings, locale: this.#locale }, isFresh));
  }

  #countRows(): void {
    const n = this.#list.childElementCount;
    this.#said.textContent = n === 1 ? this.#strings.loadedOne : fill(this.#strings.loaded, { n });
  }

  /** In place of rows: what is the matter, and what to do about it. */
  #tell(title: string, hint: string, act?: string, onAct?: () => void): void {
    this.#list.replaceChildren();
    this.#list.removeAttribute("aria-busy");
    this.#foot.hidden = true;
    this.#fresh.hidden = true;
    // Without a token there is nothing to filter or to follow.
    const isOver = this.#feed === undefined;
    this.#status.hidden = isOver;
    if (this.#filters !== undefined) this.#filters.element.hidden = isOver;
    this.#said.textContent = "";
    const press = { part: "retry", attributes: { type: "button" } };
    this.#notice.replaceChildren(
      element("p", { text: title, attributes: { role: "status" } }),
      element("p", { class: "hint", text: hint }),
    );
    if (act !== undefined && onAct !== undefined)
      this.#notice.append(element("button", { ...press, text: act, onClick: onAct }));
    this.#notice.hidden = false;
  }
}
