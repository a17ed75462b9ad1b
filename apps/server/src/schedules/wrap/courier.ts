import type { Spooled } from "./spool.ts";

export interface CourierOptions {
  /** Where Daybook is. */
  url: string;
  key: string;
  /** After so long nothing more is sent. */
  budgetMs: number;
  /** Said to the operator: something is wrong that will not pass by itself. */
  say: (line: string) => void;
}

/** Of one request: whoever waits for the command must not wait for us. */
const TIMEOUT_MS = 5_000;

/** Brings check-ins to Daybook. */
export class Courier {
  readonly #options: CourierOptions;
  /** A first failure is enough: the next one would only take its time too. */
  #unreachable = false;
  readonly #made = new Set<string>();
  #spentMs = 0;

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  /** Sends one. "later": Daybook cannot be reached, or not with this key; "done": it was taken, or never will be. */
  send = async (item: Spooled): Promise<"done" | "later"> => {
    if (this.#unreachable || this.#spentMs > this.#options.budgetMs) return "later";
    if (item.cron !== undefined && !this.#made.has(item.name)) {
      const made = await this.#make(item, item.cron);
      if (made === "later") return made;
      this.#made.add(item.name);
    }
    const answer = await this.#call("POST", `/schedules/${item.name}/check-ins`, item.checkIn);
    return this.#judge(answer, `the check-in of ${item.name}`);
  };

  /** Makes the schedule if it is not there. One that is there stays as it was set. */
  async #make(item: Spooled, cron: string): Promise<"done" | "later"> {
    const found = await this.#call("GET", `/schedules/${item.name}`);
    if (found?.status !== 404) return found === undefined ? this.#giveUp() : "done";
    const timeZone = item.timeZone === undefined ? {} : { timeZone: item.timeZone };
    return this.#judge(
      await this.#call("PUT", `/schedules/${item.name}`, { cron, ...timeZone }),
      `making ${item.name}`,
    );
  }

  #giveUp(): "later" {
    this.#unreachable = true;
    return "later";
  }

  #judge(answer: { status: number; detail: string } | undefined, what: string): "done" | "later" {
    if (answer === undefined || answer.status >= 500 || [408, 425, 429].includes(answer.status)) return this.#giveUp();
    if (answer.status < 300) return "done";
    this.#options.say(`daybook run: ${what} was refused: ${answer.detail}`);
    // A key can be put right; what is wrong with the check-in itself cannot.
    return answer.status === 401 || answer.status === 403 ? this.#giveUp() : "done";
  }

  /** The answer; undefined if there was none. */
  async #call(
    method: "GET" | "PUT" | "POST",
    path: string,
    body?: object,
  ): Promise<{ status: number; detail: string } | undefined> {
    const { url, key } = this.#options;
    const began = performance.now();
    const headers = { authorization: `Bearer ${key}`, ...(body ? { "content-type": "application/json" } : {}) };
    try {
      const answer = await fetch(`${url.replace(/\/$/, "")}/api/v1${path}`, {
        ...{ method, headers, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: "error" as const },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      return { status: answer.status, detail: detailOf(text) ?? `HTTP ${answer.status}` };
    } catch {
      return undefined;
    } finally {
      this.#spentMs += performance.now() - began;
    }
  }
}

function detailOf(text: string): string | undefined {
  try {
    const { detail } = JSON.parse(text) as { detail?: unknown };
    return typeof detail === "string" ? detail : undefined;
  } catch {
    return undefined;
  }
}
