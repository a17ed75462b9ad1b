import { AppError, type Json, type MailMessage, type Preview, type previewInputSchema } from "@daybook/contract";
import type { z } from "zod";
import type { Access } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";
import type { Doer } from "../../tasks/transition.ts";
import { brandOf, LOGO_ID } from "./brand.ts";
import { inspect } from "./inspect.ts";
import { nearestLocale } from "./locale-order.ts";
import { type ResolvedTemplate, resolveDraft, settingsOf } from "./resolve.ts";
import { shippedTemplates } from "./shipped/shipped-set.ts";
import { sampleData, secretsOf } from "./template-data.ts";
import { listLocales, type TemplateSettings } from "./template-store.ts";
import { textOf } from "./template-view.ts";

type PreviewWish = z.output<typeof previewInputSchema>;

const fresh: TemplateSettings = { title: "", kind: "template", tokens: [], layout: true, unsubscribe: false };

/** How a template looks, what is not saved included. What is wrong with it is part of the answer. Throws `not_found`. */
export async function previewTemplate(
  deps: Pick<Deps, "db" | "settings" | "templates">,
  workspaceId: number,
  name: string,
  wish: PreviewWish,
  data?: Record<string, Json>,
): Promise<Preview> {
  const draft = await draftOf(deps, workspaceId, name, wish);
  const { faults, drawn, ms } = await inspect(deps.templates, workspaceId, draft, data ?? wish.data);
  return { ...(drawn ?? { subject: "", html: "", text: "" }), locale: draft.locale, faults, ms };
}

/** Sends a template, what is not saved included, to the person who asks, with sample data where none is given. Throws `invalid_template` with its faults, and
 *  what sending throws. */
export async function sendTest(
  deps: Pick<Deps, "db" | "settings" | "config" | "templates" | "mail">,
  access: Access,
  name: string,
  wish: Omit<PreviewWish, "messageId">,
  doer: Doer,
): Promise<{ message: MailMessage; draft: ResolvedTemplate }> {
  const { workspaceId, email } = access;
  if (email === undefined) throw new AppError("forbidden", "A test goes to the person who is signed in.");
  const draft = await draftOf(deps, workspaceId, name, wish);
  if (draft.settings.kind === "partial")
    throw new AppError("invalid_template", `${name} is a partial: send a test of a template that renders it.`);
  const data = { ...sampleData(draft.settings.tokens), ...wish.data };
  const { faults, drawn } = await inspect(deps.templates, workspaceId, draft, data, "cid");
  if (drawn === undefined) {
    const worst = faults.find((fault) => fault.severity === "error");
    throw new AppError("invalid_template", `It cannot be rendered: ${worst?.message ?? ""}.`, { extra: { faults } });
  }
  const secrets = secretsOf(draft.settings.tokens, data).slice(0, 50);
  const logo = deps.settings.of(workspaceId).logo;
  const shown = brandOf(deps.settings.of(workspaceId), deps.config, "cid").logo;
  const picture = { filename: "logo.png", contentType: "image/png", contentId: LOGO_ID };
  const { message } = await deps.mail.send(
    workspaceId,
    {
      ...{ to: { address: email, name: access.name }, priority: "high" },
      ...{ subject: `[Test] ${drawn.subject || draft.settings.title}`, html: drawn.html, text: drawn.text },
      ...(secrets.length === 0 ? {} : { secrets }),
      ...(logo === null || !drawn.html.includes(shown)
        ? {}
        : { attachments: [{ ...picture, content: logo.slice(logo.indexOf(",") + 1) }] }),
    },
    doer,
  );
  return { message, draft };
}

async function draftOf(
  { db, settings: book }: Pick<Deps, "db" | "settings">,
  workspaceId: number,
  name: string,
  wish: Partial<PreviewWish>,
): Promise<ResolvedTemplate> {
  const known = await settingsOf(db, workspaceId, name);
  if (known === undefined && wish.html === undefined) throw new AppError("not_found", `There is no template ${name}.`);
  const locales = [
    ...Object.keys(shippedTemplates.get(name)?.texts ?? {}),
    ...(await listLocales(db, workspaceId, name)),
  ];
  const nearest = nearestLocale(wish.locale, locales);
  const saved = nearest === undefined ? undefined : await textOf(db, workspaceId, name, nearest);
  const base = known ?? fresh;
  const settings: TemplateSettings = {
    ...base,
    tokens: wish.tokens ?? base.tokens,
    layout: base.kind === "template" && (wish.layout ?? base.layout),
  };
  return resolveDraft(db, workspaceId, { name, timeZone: book.of(workspaceId).timeZone }, settings, {
    locale: wish.html === undefined ? (nearest ?? "en") : (wish.locale ?? nearest ?? "en"),
    subject: wish.subject ?? saved?.subject ?? "",
    html: wish.html ?? saved?.html ?? "",
    text: wish.text === undefined ? (saved?.text ?? null) : wish.text,
  });
}
