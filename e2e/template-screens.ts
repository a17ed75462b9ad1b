import { AxeBuilder } from "@axe-core/playwright";
import type { Template } from "@daybook/contract";
import type { FrameLocator, Locator, Page } from "playwright-core";
import { expect } from "vitest";
import type { Stand } from "./stand.ts";

/** The screens of mail templates in one window, as a test uses them. */
export interface TemplateScreens {
  page: Page;
  /** Opens a page below /mail-templates and waits until something is seen. */
  show(path: string, seen: string): Promise<void>;
  html(): Locator;
  frame(): FrameLocator;
  /** What says that it was saved. */
  saved(): Locator;
  /** Puts a text in place of what is in the editor of the HTML. */
  write(text: string): Promise<void>;
  /** Calls the API as whoever is signed in on the page. */
  call<T = unknown>(method: string, path: string, body?: unknown): Promise<T>;
  read(name: string, locale?: string): Promise<Template>;
  /** axe finds nothing. */
  isClean(name: string): Promise<void>;
}

export function templateScreens(stand: Stand, page: Page): TemplateScreens {
  const html = () => page.getByRole("textbox", { name: "HTML", exact: true });
  const call = <T = unknown>(method: string, path: string, body?: unknown): Promise<T> =>
    page.evaluate(callFromPage, [
      method,
      path,
      body === undefined ? null : JSON.stringify(body),
    ] as const) as Promise<T>;
  return {
    page,
    html,
    call,
    show: async (path, seen) => {
      await page.goto(`${stand.server.address}/w/main/mail-templates${path}`);
      await page.locator(seen).first().waitFor();
    },
    frame: () => page.frameLocator("iframe[title='Preview of the mail']"),
    saved: () => page.locator(".save-state").getByText(/^Saved as version/),
    write: async (text) => {
      await html().click();
      await page.keyboard.press("Control+a");
      await page.keyboard.insertText(text);
    },
    read: (name, locale = "en") => call<Template>("GET", `/mail/templates/${name}?locale=${locale}`),
    isClean: async (name) => {
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      expect(
        violations.map(({ id, nodes }) => `${name}: ${id} ${nodes[0]?.html.slice(0, 160)}`),
        name,
      ).toEqual([]);
    },
  };
}

/** What pages complained about, apart from what the browser says of scripts that it does not run in the preview. */
export function faultsOf(stand: Stand): string[] {
  return stand.faults.splice(0).filter((fault) => !fault.includes("Blocked script execution in 'about:srcdoc'"));
}

async function callFromPage([method, path, body]: readonly [string, string, string | null]): Promise<unknown> {
  const { csrfToken } = (await (await fetch("/api/v1/me")).json()) as { csrfToken: string };
  const headers = { "x-daybook-csrf": csrfToken, "x-daybook-workspace": "main", "content-type": "application/json" };
  const response = await fetch(`/api/v1${path}`, { method, headers, ...(body !== null && { body }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was refused: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}
