import { templateInputSchema, templateName, workspaceSettingDefaults } from "@daybook/contract";
import { describe, expect, test } from "vitest";
import { brandOf } from "../brand.ts";
import { checkSource } from "../check-source.ts";
import { renderMail } from "../render-job.ts";
import { sampleData } from "../template-data.ts";
import { shippedTemplates } from "./shipped-set.ts";

const names = [
  ...["welcome", "verify-address", "password-reset", "password-changed", "new-login-location", "session-expired"],
  ...["purchase-confirmation", "invoice", "payment-receipt", "payment-failed", "renewal-reminder"],
  ...["server-created", "server-suspended", "server-unsuspended", "server-deleted", "backup-failed"],
  ...["ticket-reply", "team-invitation", "alert", "digest", "plain"],
];
const all = [...shippedTemplates.values()];
const mails = all.filter(({ kind }) => kind === "template");
const brand = brandOf(workspaceSettingDefaults, { publicUrl: undefined }, "cid");

const partialsIn = (locale: string) =>
  Object.fromEntries(
    all
      .filter(({ kind }) => kind === "partial")
      .map(({ name, texts }) => [name, (texts[locale] ?? texts.en)?.html ?? ""]),
  );

function render(template: (typeof all)[number], locale: string, data: object) {
  const partials = partialsIn(locale);
  const text = template.texts[locale];
  if (text === undefined) throw new Error(`${template.name} is not there in ${locale}`);
  const source = {
    subject: text.subject,
    html: text.html,
    text: null,
    layout: partials.layout ?? null,
    partials,
    locale,
    timeZone: "UTC",
  };
  const reply = renderMail({ key: "", source, brand, data });
  if ("fault" in reply) throw new Error(`${template.name} in ${locale}: ${reply.fault.message}`);
  return reply;
}

test("every mail that a panel sends is there, in English and German", () => {
  expect(mails.map(({ name }) => name).sort()).toEqual([...names].sort());
  for (const { texts } of mails) expect(Object.keys(texts).sort()).toEqual(["de", "en"]);
});

describe.each(all.flatMap((each) => Object.keys(each.texts).map((locale) => [each.name, locale, each] as const)))(
  "%s in %s",
  (name, locale, template) => {
    const { tokens, kind } = template;
    const text = template.texts[locale] ?? { subject: "", html: "" };

    test("is what the API would take, and without faults", () => {
      expect(templateName.parse(name)).toBe(name);
      expect(templateInputSchema.parse({ ...text, tokens, kind }).subject).toBe(text.subject);
      const order = { text: null, partials: partialsIn(locale), tokens, isPartial: kind === "partial" };
      expect(checkSource({ ...order, subject: text.subject, html: text.html })).toEqual([]);
    });

    test.runIf(kind === "template")("shows the sample of every token, or what is decided by it", () => {
      const { subject, html, text: plain } = render(template, locale, sampleData(tokens));
      expect(subject).not.toMatch(/\{|undefined|\s\s/);
      expect(html).not.toMatch(/\{\{|\{%|undefined|NaN|Invalid Date/);
      expect(plain).not.toMatch(/<[a-z]|\{\{/);
      for (const { name: token, sample } of tokens)
        if (typeof sample === "string" && /^https/.test(sample)) expect(html, token).toContain(sample);
    });

    test.runIf(kind === "template")("is a whole mail with its required data alone", () => {
      const needed = tokens.filter(({ required }) => required);
      const { subject, html } = render(template, locale, sampleData(needed));
      expect(subject).not.toBe("");
      expect(html).not.toMatch(/href=""|<h1[^>]*>\s*<\/h1>|Invalid Date|,\s*<\/h1>/);
      for (const [, first = ""] of html.matchAll(/<p[^>]*>(.)/g)) expect(first).toBe(first.toUpperCase());
    });

    test.runIf(kind === "template")("greets nobody when the name is empty", () => {
      const { html } = render(template, locale, { ...sampleData(tokens), user: { name: "" } });
      expect(html).not.toMatch(/(Hello|Guten Tag|Welcome|Willkommen),? ,|(Welcome|Willkommen), </);
    });

    test.runIf(kind === "template")("escapes every value", () => {
      const evil = `<img src=x onerror=alert(1)>"'`;
      const poisoned = JSON.parse(JSON.stringify(sampleData(tokens)), (_, value) =>
        typeof value === "string" && !/^\d{4}-\d\d-\d\d/.test(value) ? evil : value,
      );
      expect(render(template, locale, poisoned).html).not.toContain("<img src=x");
    });
  },
);

test("one-time links and codes are marked as secret", () => {
  const secrets = mails.flatMap(({ name, tokens }) =>
    tokens.filter((each) => each.secret).map((each) => `${name} ${each.name}`),
  );
  expect(secrets.sort()).toEqual([
    "password-reset resetUrl",
    "team-invitation inviteUrl",
    "verify-address code",
    "verify-address verifyUrl",
  ]);
});
