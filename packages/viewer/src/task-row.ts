import type { ViewerTask } from "@daybook/contract";
import { element } from "./dom.ts";
import { relativeTime, shortTime } from "./moment-text.ts";
import type { Strings } from "./strings.ts";

export interface TaskTelling {
  strings: Strings;
  locale: string | undefined;
}

const marks = { pending: "◷", running: "●", completed: "✓", failed: "✕", cancelled: "⊘" } as const;

/** One task; `show` brings it up to date in place. */
export class TaskRow {
  readonly element: HTMLLIElement;
  readonly #telling: TaskTelling;
  readonly #mark = element("span", { attributes: { "aria-hidden": "true" } });
  readonly #status = element("span", {});
  readonly #title = element("span", { part: "task-title" });
  readonly #bar = element("progress", { part: "task-bar", attributes: { max: "100" } });
  readonly #percent = element("span", { part: "task-percent" });
  readonly #time = element("time", {});
  readonly #error = element("p", { part: "task-error" });
  readonly #state: HTMLElement;

  constructor(telling: TaskTelling) {
    this.#telling = telling;
    this.#state = element("span", { part: "task-status" }, this.#mark, " ", this.#status);
    const when = element("span", { part: "task-time" }, this.#time);
    const progress = element("span", { part: "task-progress" }, this.#bar, this.#percent);
    this.element = element("li", { part: "task" }, this.#state, this.#title, progress, when, this.#error);
  }

  show(task: ViewerTask): void {
    const { strings, locale } = this.#telling;
    const { status, title, progress, error } = task;
    this.#state.className = `task-status ${status}`;
    write(this.#mark, marks[status]);
    write(this.#status, statusText(status, strings));
    write(this.#title, title);
    const runs = status === "running";
    this.#bar.hidden = this.#percent.hidden = !runs;
    this.#bar.value = progress;
    this.#bar.setAttribute("aria-label", title);
    write(this.#percent, new Intl.NumberFormat(locale, { style: "percent" }).format(progress / 100));
    const at = task.finishedAt ?? task.startedAt ?? task.queuedAt;
    const ms = Date.parse(at);
    this.#time.dateTime = at;
    this.#time.title = shortTime(ms, locale);
    write(this.#time, relativeTime(ms, Date.now(), locale));
    this.#error.hidden = error === undefined;
    write(this.#error, error ?? "");
  }
}

/** A task's state in words; what events call the same has the same word. */
export function statusText(status: ViewerTask["status"], strings: Strings): string {
  const { pending, running, success: completed, failure: failed, cancelled } = strings;
  return { pending, running, completed, failed, cancelled }[status];
}

function write(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
