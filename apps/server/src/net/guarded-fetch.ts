import { lookup } from "node:dns/promises";
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import type { LookupFunction } from "node:net";
import { AppError } from "@daybook/contract";
import { type AllowedHosts, hostOf, requireCallableAddress, requireCallableUrl } from "./callable-address.ts";

export interface Resolved {
  address: string;
  family: number;
}

export interface GuardOptions {
  allowed: AllowedHosts;
  /** The addresses of a name; left out, the system's. */
  resolve?: (name: string) => Promise<Resolved[]>;
  /** From the question for the name to the last byte. Milliseconds. */
  timeoutMs?: number;
}

export interface GuardedRequest {
  method?: "GET" | "POST";
  headers?: Record<string, string>;
  body?: string;
  /** Ends the call before its time. */
  signal?: AbortSignal;
}

export interface GuardedAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** At most 64 KiB; what comes after is not read. */
  text: string;
  isCut: boolean;
}

/** An answer is short, or it is none of ours. */
const ANSWER_BYTES_MAX = 64 * 1024;
const TIMEOUT_MS = 10_000;

/**
 * Calls an address that somebody gave us, so that it cannot be turned against what only this machine can reach.
 *  1. Judge the URL itself.
 *  2. Ask for its name once, and judge every address.
 *  3. Connect to one of the judged addresses, whatever the name leads to by then. A connection is used once.
 *  4. Read a bounded answer. A redirect is an answer like any other: it is not followed.
 * Throws `address_refused`; or the error of the network.
 */
export async function guardedFetch(
  address: string,
  request: GuardedRequest,
  options: GuardOptions,
): Promise<GuardedAnswer> {
  const url = requireCallableUrl(address, options.allowed);
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = request.signal === undefined ? timeout : AbortSignal.any([timeout, request.signal]);
  const callable = await callableAddresses(url, options, signal);
  return send(url, request, pinned(callable), signal);
}

async function callableAddresses(url: URL, options: GuardOptions, signal: AbortSignal): Promise<Resolved[]> {
  const resolve = options.resolve ?? ((name) => lookup(name, { all: true }));
  const found = await unlessAborted(resolve(hostOf(url)), signal);
  const refusals: unknown[] = [];
  const callable = found.filter(({ address }) => {
    try {
      requireCallableAddress(url, address, options.allowed);
      return true;
    } catch (error) {
      refusals.push(error);
      return false;
    }
  });
  if (callable.length > 0) return callable;
  throw refusals[0] ?? new AppError("address_refused", `${url.hostname} has no address.`);
}

/** Answers every question of a connection with the addresses that were judged. */
function pinned(addresses: readonly Resolved[]): LookupFunction {
  return (_name, options, callback) => {
    const wanted = addresses.filter(({ family }) => !options.family || options.family === family);
    const [first] = wanted.length > 0 ? wanted : addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first?.address ?? "", first?.family);
  };
}

function send(url: URL, request: GuardedRequest, lookup: LookupFunction, signal: AbortSignal): Promise<GuardedAnswer> {
  const { method = "GET", body = "", headers = {} } = request;
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(signal.aborted ? (signal.reason as Error) : error);
    const sent = (url.protocol === "https:" ? https : http).request(url, {
      method,
      // No connection is kept: one that is used again would not be judged again.
      agent: false,
      lookup,
      signal,
      headers: {
        ...headers,
        "accept-encoding": "identity",
        ...(body === "" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
      },
    });
    sent.on("error", fail);
    sent.on("response", (response) => {
      readAnswer(response).then(({ text, isCut }) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, isCut });
        sent.destroy();
      }, fail);
    });
    sent.end(body);
  });
}

async function readAnswer(response: IncomingMessage): Promise<{ text: string; isCut: boolean }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) break;
  }
  const text = Buffer.concat(chunks).subarray(0, ANSWER_BYTES_MAX).toString("utf8");
  return { text, isCut: bytes > ANSWER_BYTES_MAX };
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
