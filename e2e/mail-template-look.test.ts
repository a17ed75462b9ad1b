import { AxeBuilder } from "@axe-core/playwright";
import { workspaceSettingDefaults } from "@daybook/contract";
import { brandOf } from "@daybook/server/mail/templates/brand.ts";
import { renderMail } from "@daybook/server/mail/templates/render-job.ts";
import { shippedTemplates } from "@daybook/server/mail/templates/shipped/shipped-set.ts";
import type { ShippedTemplate } from "@daybook/server/mail/templates/shipped/shipped-template.ts";
import { sampleData } from "@daybook/server/mail/templates/template-data.ts";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chromiumPath } from "./stand.ts";

const widths = [600, 320] as const;
const all = [...shippedTemplates.values()];
const mails = all.filter(({ kind }) => kind === "template");
/** Words that nobody can break, as customers' names of servers and addresses are. */
const long = `${"x".repeat(120)}.example`;

/** The HTML of a mail as it is sent. */
function htmlOf(template: ShippedTemplate, locale: "en" | "de", accentColour: string | null, data: object): string {
  const partials = Object.fromEntries(
    all
      .filter(({ kind }) => kind === "partial")
      .map(({ name, texts }) => [name, (texts[locale] ?? texts.en)?.html ?? ""]),
  );
  const settings = { ...workspaceSettingDefaults, brandName: "Heronfield Hosting", accentColour };
  const { subject = "", html = "" } = template.texts[locale] ?? {};
  const layout = partials.layout ?? null;
  const source = { subject, html, text: null, layout, partials, locale, timeZone: "UTC" };
  const reply = renderMail({ key: "", source, brand: brandOf(settings, { publicUrl: undefined }, "data"), data });
  if ("fault" in reply) throw new Error(`${template.name}: ${reply.fault.message}`);
  return reply.html;
}

describe.skipIf(chromiumPath === undefined)("how mails look", () => {
  let browser: Browser;
  const pages: { theme: string; page: Page }[] = [];
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox", "--disable-gpu"] });
    for (const theme of ["light", "dark"] as const) {
      const context = await browser.newContext({ colorScheme: theme });
      pages.push({ theme, page: await context.newPage() });
    }
  });
  afterAll(() => browser.close());

  /** Looks at some HTML at every width, in light and dark. */
  async function atEverySize(html: string, look: (page: Page, size: string) => Promise<void>): Promise<void> {
    for (const { theme, page } of pages) {
      await page.setContent(html);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 800 });
        await look(page, `${theme}, ${width} px`);
      }
    }
  }

  test.each(mails.map((each) => [each.name, each] as const))(
    "%s fits, can be read, and is without faults of accessibility",
    async (_, template) => {
      for (const locale of ["en", "de"] as const)
        await atEverySize(htmlOf(template, locale, null, sampleData(template.tokens)), async (page, size) => {
          expect(await stickingOut(page), `${locale}, ${size}`).toEqual([]);
          if (locale === "en" && size.endsWith("320 px")) expect(await axeFaults(page), size).toEqual([]);
        });
    },
  );

  test("values that cannot be broken do not make a mail wider", async () => {
    for (const template of mails) {
      const data = JSON.parse(JSON.stringify(sampleData(template.tokens)), (_, value) =>
        typeof value === "string" && !/^\d{4}-\d\d-\d\d/.test(value) ? long : value,
      );
      await atEverySize(htmlOf(template, "en", null, data), async (page, size) => {
        expect(await stickingOut(page), `${template.name}, ${size}`).toEqual([]);
      });
    }
  });

  test.each(["#0f766e", "#b91c1c", "#1e293b", "#000000"])(
    "text can be read with the accent colour %s",
    async (colour) => {
      const template = mails.find(({ name }) => name === "digest");
      if (template === undefined) throw new Error("the digest is not there");
      await atEverySize(htmlOf(template, "en", colour, sampleData(template.tokens)), async (page, size) => {
        expect(await axeFaults(page), size).toEqual([]);
      });
    },
  );

  test("in the dark the page is dark, and so is the card", async () => {
    const [template] = mails;
    if (template === undefined) throw new Error("no template is there");
    await atEverySize(htmlOf(template, "en", null, sampleData(template.tokens)), async (page, size) => {
      const grounds = await page
        .locator("body, .m-card")
        .evaluateAll((each) => each.map((element) => getComputedStyle(element).backgroundColor));
      const isDark = (colour: string) => Number(/\d+/.exec(colour)?.[0]) < 60;
      expect(grounds.map(isDark), size).toEqual(size.startsWith("dark") ? [true, true] : [false, false]);
    });
  });
});

/** What can be seen and reaches beyond the window. */
function stickingOut(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const wide = document.documentElement.scrollWidth > innerWidth ? ["the page scrolls sideways"] : [];
    const out = [...document.querySelectorAll("body *")].filter((element) => {
      const { left, right, width } = element.getBoundingClientRect();
      return width > 0 && (left < -0.5 || right > innerWidth + 0.5);
    });
    return [...wide, ...out.map((element) => `${element.tagName}: ${element.textContent?.trim().slice(0, 60)}`)];
  });
}

async function axeFaults(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}
