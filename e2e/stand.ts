import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventInput } from "@daybook/contract";
import { type Finished, type RunningDaybook, runDaybook, startDaybook } from "@daybook/testkit/process.ts";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** The browser that the tests drive; the tests that need one are skipped without. `npm test` finds it. */
export const chromiumPath = process.env.DAYBOOK_TEST_CHROMIUM;

const browserFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const owner = { name: "Dana Whitfield", email: "dana@acme.example", password: "seven lamps behind the harbour" };

/** A server as a process of its own on a fresh data directory, and a browser. */
export interface Stand {
  server: RunningDaybook;
  browser: Browser;
  /** The one-time link that the server printed. */
  setupLink: string;
  /** Runs a `daybook` command beside the server. */
  daybook(...args: string[]): Promise<Finished>;
  /** Stores events with an API key of the workspace "main". */
  send(events: EventInput[]): Promise<void>;
  /** A window of its own, signed out; whatever it complains about is in `faults`. */
  open(options?: BrowserContextOptions): Promise<Page>;
  /** A window in which the owner is signed in. */
  openSignedIn(options?: BrowserContextOptions): Promise<Page>;
  /** Errors of pages, refusals of the content security policy, requests to other hosts. */
  faults: string[];
  close(): Promise<void>;
}

/** `settings` are variables of the environment, e.g. a DATABASE_URL that the test looks into as well. */
export async function openStand(
  executablePath = chromiumPath ?? "",
  settings: Record<string, string> = {},
): Promise<Stand> {
  const data = mkdtempSync(join(tmpdir(), "daybook-console-"));
  chmodSync(data, 0o755); // So that PostgreSQL, as its own user, can live in it.
  const env = { DAYBOOK_DATA: data, DAYBOOK_REQUESTS_PER_MINUTE: "0", ...settings };
  const server = await startDaybook({ env });
  const browser = await chromium.launch({ executablePath, headless: true, args: browserFlags });
  const setupLink = await printedLink(server);
  const faults: string[] = [];
  const daybook = (...args: string[]) => runDaybook(args, { env });
  let key: Promise<string> | undefined;
  const send = async (events: EventInput[]) => {
    key ??= makeKey(daybook);
    const response = await fetch(`${server.address}/api/v1/events`, {
      method: "POST",
      headers: { authorization: `Bearer ${await key}`, "content-type": "application/json" },
      body: JSON.stringify(events),
    });
    if (response.status !== 201) throw new Error(`events were refused: ${await response.text()}`);
  };
  const open = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
    const page = await context.newPage();
    watch(page, server.address, faults);
    return page;
  };
  const session = signedInSession(server.address);
  const openSignedIn = async (options: BrowserContextOptions = {}) => {
    const page = await open(options);
    await page.context().addCookies([{ ...(await session()), url: server.address }]);
    return page;
  };
  const close = async () => {
    await browser.close();
    await server.stop();
    rmSync(data, { recursive: true, force: true });
  };
  return { server, browser, setupLink, daybook, send, open, openSignedIn, faults, close };
}

/** Makes the owner's account the quick way, for tests that are not about it. */
export async function setUpOwner(stand: Stand): Promise<void> {
  const response = await fetch(`${stand.server.address}/api/v1/setup`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: new URL(stand.setupLink).hash.replace(/^#(token=)?/, ""), ...owner }),
  });
  if (response.status !== 201) throw new Error(`setup was refused: ${await response.text()}`);
}

/** Signs the owner in once; every window uses that session. */
function signedInSession(address: string): () => Promise<{ name: string; value: string }> {
  let cookie: Promise<{ name: string; value: string }> | undefined;
  const signIn = async () => {
    const response = await fetch(`${address}/api/v1/sessions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ email: owner.email, password: owner.password }),
    });
    const [, name = "", value = ""] = /^([^=]+)=([^;]+)/.exec(response.headers.get("set-cookie") ?? "") ?? [];
    if (response.status !== 201 || value === "") throw new Error(`sign-in was refused: ${await response.text()}`);
    return { name, value };
  };
  return () => {
    cookie ??= signIn();
    return cookie;
  };
}

async function printedLink(server: RunningDaybook): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const link = /http:\S+\/setup#\S+(?=\s)/.exec(server.output.out)?.[0];
    if (link !== undefined) return link;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the server printed no setup link:\n${server.output.out}`);
}

async function makeKey(daybook: Stand["daybook"]): Promise<string> {
  const made = await daybook("keys", "create", "--name", "e2e", "--scope", "events:write", "--json");
  return (JSON.parse(made.out) as { key: string }).key;
}

function watch(page: Page, address: string, faults: string[]): void {
  page.on("pageerror", (error) => faults.push(`error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error" && !/status of 4\d\d/.test(message.text()))
      faults.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(address) && /^(http|ws)/.test(url)) faults.push(`request to ${url}`);
  });
}
