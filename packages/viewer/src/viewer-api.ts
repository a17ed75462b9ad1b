import type { ViewerEvent, ViewerMail, ViewerTask } from "@daybook/contract";
import type { ActionCount } from "./action-groups.ts";

/** The token has ended, was revoked, or never was one. */
export class TokenExpired extends Error {
  override name = "TokenExpired";
}

/** The server answered with something else than what was asked for. */
class Refused extends Error {
  override name = "Refused";
  readonly status: number;

  constructor(status: number) {
    super(`The server answered ${status}.`);
    this.status = status;
  }
}

export interface Page {
  items: ViewerEvent[];
  nextCursor: string | null;
}

export type Words = Record<string, string | undefined>;

/** The calls that a viewer token opens. Throws TokenExpired, Refused, and what fetch throws without a connection. */
export class ViewerApi {
  readonly #base: string;
  readonly #token: string;

  constructor(server: string, token: string) {
    this.#base = `${server.replace(/\/+$/, "")}/api/v1/viewer`;
    this.#token = token;
  }

  async events(words: Words, signal: AbortSignal): Promise<Page> {
    return (await this.#get("/events", words, signal)).json() as Promise<Page>;
  }

  async actions(words: Words, signal: AbortSignal): Promise<ActionCount[]> {
    const response = await this.#get("/events/facets", { ...words, limit: "50" }, signal);
    return ((await response.json()) as { facets: Record<string, ActionCount[]> }).facets.action ?? [];
  }

  /** The open stream. By fetch, not EventSource: the token stays out of the address and so out of logs of proxies. */
  stream(words: Words, signal: AbortSignal): Promise<Response> {
    return this.#get("/events/stream", words, signal);
  }

  async tasks(words: Words, signal: AbortSignal): Promise<{ items: ViewerTask[] }> {
    return (await this.#get("/tasks", words, signal)).json() as Promise<{ items: ViewerTask[] }>;
  }

  taskStream(words: Words, signal: AbortSignal): Promise<Response> {
    return this.#get("/tasks/stream", words, signal);
  }

  async mails(words: Words, signal: AbortSignal): Promise<{ items: ViewerMail[]; nextCursor: string | null }> {
    return (await this.#get("/mails", words, signal)).json() as Promise<{
      items: ViewerMail[];
      nextCursor: string | null;
    }>;
  }

  async #get(path: string, words: Words, signal: AbortSignal): Promise<Response> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(words)) if (value) query.set(name, value);
    const headers = { authorization: `Bearer ${this.#token}` };
    const response = await fetch(`${this.#base}${path}?${query}`, { headers, signal, credentials: "omit" });
    if (response.status === 401) throw new TokenExpired("The token has ended.");
    if (!response.ok) throw new Refused(response.status);
    return response;
  }
}
