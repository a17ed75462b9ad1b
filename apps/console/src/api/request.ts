/** A refusal of the API: an RFC 9457 problem document, or what stands for one when the server did not answer. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** Where in the query the fault is, in characters from its start. */
  readonly position: number | undefined;
  readonly length: number | undefined;
  /** What the query was likely meant to say. */
  readonly suggestion: string | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly requestId: string | undefined;
  /** What is wrong with each part of what was sent. */
  readonly faults: readonly { pointer: string; message: string }[];
  constructor(status: number, body: Record<string, unknown>, retryAfterSeconds?: number) {
    const title = text(body.title) ?? "The server could not answer";
    super(text(body.detail) ?? title);
    this.name = "Problem";
    this.status = status;
    this.code = text(body.code) ?? "internal";
    this.title = title;
    this.position = number(body.position);
    this.length = number(body.length);
    this.suggestion = text(body.suggestion);
    this.retryAfterSeconds = retryAfterSeconds ?? number(body.retryAfterSeconds);
    this.requestId = text(body.requestId);
    this.faults = faultsOf(body.errors);
  }
}

export interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  body?: unknown;
  workspace?: string | undefined;
  signal?: AbortSignal | undefined;
}

let csrfToken = "";

/** Keeps the token that every changing request has to carry; it comes with the sign-in and with `GET /me`. */
export function rememberCsrfToken(token: string): void {
  csrfToken = token;
}

/** Calls the API. `path` starts after `/api/v1`. Throws a Problem for every answer that is not a success. */
export async function request<T>(path: string, options: RequestOptions = {}): Promise<T> {
  const response = await send(path, options, "application/json");
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

/** Calls the API for plain text, such as a signed note. */
export async function requestText(path: string, options: RequestOptions = {}): Promise<string> {
  return (await send(path, options, "text/plain")).text();
}

async function send(path: string, options: RequestOptions, accept: string): Promise<Response> {
  const headers: Record<string, string> = { accept };
  if (options.workspace) headers["x-daybook-workspace"] = options.workspace;
  if (options.body !== undefined) headers["content-type"] = "application/json";
  if (options.method && options.method !== "GET") headers["x-daybook-csrf"] = csrfToken;
  const init: RequestInit = { method: options.method ?? "GET", headers, credentials: "same-origin" };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal) init.signal = options.signal;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new Problem(0, { code: "unreachable", title: "The server cannot be reached" });
  }
  if (response.ok) return response;
  const problem = new Problem(response.status, await problemBody(response), retryAfter(response));
  if (problem.code === "step_up_required" && (await confirmed())) return send(path, options, accept);
  throw problem;
}

let askToConfirm: (() => Promise<boolean>) | undefined;
let asking: Promise<boolean> | undefined;

/** Says how somebody is asked to confirm that it is them. The request that wanted it is then sent again; one question serves all
 *  that wait. */
export function onStepUp(ask: () => Promise<boolean>): () => void {
  askToConfirm = ask;
  return () => {
    if (askToConfirm === ask) askToConfirm = undefined;
  };
}

function confirmed(): Promise<boolean> {
  asking ??= (askToConfirm?.() ?? Promise.resolve(false)).finally(() => {
    asking = undefined;
  });
  return asking;
}

async function problemBody(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return { title: `The server answered ${response.status}` };
  }
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}

function faultsOf(errors: unknown): { pointer: string; message: string }[] {
  if (!Array.isArray(errors)) return [];
  return errors.map((fault: Record<string, unknown>) => ({
    pointer: text(fault.pointer) ?? "",
    message: text(fault.message) ?? "is not valid",
  }));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
