import { AppError, type Json, type mailAttachmentSchema, type TemplateFault } from "@daybook/contract";
import type { Pool } from "pg";
import type { Logger } from "pino";
import type { z } from "zod";
import type { Config } from "../../config.ts";
import type { SettingsBook } from "../../workspace/settings-book.ts";
import { type Brand, brandOf, LOGO_ID } from "./brand.ts";
import { type CheckOrder, told } from "./check-source.ts";
import type { LiquidFault } from "./liquid.ts";
import type { RenderReply } from "./render-job.ts";
import { RenderPool, RenderStopped } from "./render-pool.ts";
import { placeOf, type ResolvedTemplate, resolveTemplate, type UsedVersion } from "./resolve.ts";
import { maskedData, missingTokens, sampleData, secretsOf } from "./template-data.ts";
import { markBroken } from "./template-store.ts";

/** How long a template that was read is believed; a change by another server is seen by then. */
const BELIEVED_MS = 2_000;
/** Versions that are set aside for one mail, before it is given up. */
const FALLBACKS_MAX = 8;
/** Threads for mails: one that is killed for its template must not hold up the others. */
const MAIL_THREADS = 2;
/** What is being written has a thread of its own: whoever tries things out holds up no mail. */
const DRAFT_THREADS = 1;

export interface TemplateBookDeps {
  db: Pool;
  config: Pick<Config, "publicUrl">;
  settings: Pick<SettingsBook, "of">;
  log: Pick<Logger, "warn">;
}

export interface RenderWish {
  name: string;
  locale?: string | undefined;
  data: Record<string, Json>;
  /** Nothing that the workspace has changed of the template, its layout and partials. */
  asShipped?: boolean | undefined;
}

export type InlinePicture = z.input<typeof mailAttachmentSchema>;

/** A mail as its template makes it. */
export interface Rendered {
  subject: string;
  html: string;
  text: string;
  template: string;
  /** 0: as shipped. */
  version: number;
  locale: string;
  /** True values of secret tokens, in every form in which they can stand in the mail, the longest first. */
  secrets: string[];
  /** The data with those masked. */
  variablesMasked: Json;
  /** Its mails carry List-Unsubscribe. */
  unsubscribe: boolean;
  /** Pictures that the HTML shows by `cid:`, to be attached. */
  inline: InlinePicture[];
}

export type Drawn = { subject: string; html: string; text: string } | { fault: LiquidFault };

/** Renders mails by their templates. */
export class TemplateBook {
  readonly #deps: TemplateBookDeps;
  readonly #mails = new RenderPool(MAIL_THREADS);
  readonly #drafts = new RenderPool(DRAFT_THREADS);
  readonly #read = new Map<string, { template: Promise<ResolvedTemplate>; untilMs: number }>();

  constructor(deps: TemplateBookDeps) {
    this.#deps = deps;
  }

  /**
   * Renders one mail. A version that cannot be rendered is set aside for the one before it, and for what is shipped in the end. Throws
   * `not_found`, `missing_data`, and `invalid_template` when nothing is left.
   */
  async render(workspaceId: number, { name, locale, data, asShipped }: RenderWish): Promise<Rendered> {
    let last: LiquidFault | undefined;
    const without: string[] = [];
    for (let tries = 0; tries < FALLBACKS_MAX; tries++) {
      const template = await this.#resolve(workspaceId, { name, locale, without, asShipped });
      if (template.settings.kind === "partial")
        throw new AppError(
          "invalid_template",
          `${name} is a partial: other templates render it, no mail is made of it.`,
        );
      if (tries === 0) refuseMissing(template, data);
      const drawn = await this.draw(workspaceId, template, data, "cid");
      if (!("fault" in drawn)) return this.#rendered(workspaceId, template, data, drawn);
      last = drawn.fault;
      const blamed = await this.#setAside(workspaceId, template, last);
      if (blamed === undefined) break;
      without.push(placeOf(blamed));
    }
    throw new AppError("invalid_template", `The template ${name} cannot be rendered: ${last?.message ?? ""}.`);
  }

  /** Renders a template as it is. A saved one (with a key) that is stopped for its time is tried once more: the machine may have been
   *  busy. */
  async draw(
    workspaceId: number,
    { key, source }: Pick<ResolvedTemplate, "key" | "source">,
    data: Record<string, Json>,
    logo: "cid" | "data",
  ): Promise<Drawn> {
    const brand: Brand = brandOf(this.#deps.settings.of(workspaceId), this.#deps.config, logo);
    const pool = key === "" ? this.#drafts : this.#mails;
    const once = (): Promise<RenderReply> =>
      pool.render({ key, source, brand, data }).catch((error: unknown) => {
        if (!(error instanceof RenderStopped)) throw error;
        return { fault: { severity: "error", part: "html", ...error.fault } };
      });
    const drawn = await once();
    return "fault" in drawn && drawn.fault.code === "too_slow" && key !== "" ? once() : drawn;
  }

  /** What is wrong with a text, as far as it shows without data. */
  async check(order: CheckOrder): Promise<TemplateFault[]> {
    try {
      return await this.#drafts.check(order);
    } catch (error) {
      if (!(error instanceof RenderStopped)) throw error;
      return [{ severity: "error", part: "html", ...error.fault }];
    }
  }

  /** The text part of a mail that came without one; undefined for HTML that takes too long to read. */
  async textOf(html: string): Promise<string | undefined> {
    try {
      return await this.#mails.textOf(html);
    } catch (error) {
      if (error instanceof RenderStopped) return undefined;
      throw error;
    }
  }

  /** Reads a workspace's templates anew with the next mail. */
  forget(workspaceId: number): void {
    for (const key of this.#read.keys()) if (key.startsWith(`${workspaceId} `)) this.#read.delete(key);
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await Promise.all([this.#mails.close(), this.#drafts.close()]);
  }

  #resolve(
    workspaceId: number,
    { name, locale, without, asShipped = false }: Omit<RenderWish, "data"> & { without: readonly string[] },
  ): Promise<ResolvedTemplate> {
    const { timeZone } = this.#deps.settings.of(workspaceId);
    const wish = { name, locale, timeZone, without, asShipped };
    if (without.length > 0) return resolveTemplate(this.#deps.db, workspaceId, wish);
    const place = `${workspaceId} ${name} ${locale ?? ""} ${timeZone} ${asShipped}`;
    const known = this.#read.get(place);
    if (known !== undefined && known.untilMs > performance.now()) return known.template;
    if (this.#read.size > 1_000) this.#read.clear();
    const template = resolveTemplate(this.#deps.db, workspaceId, wish);
    this.#read.set(place, { template, untilMs: performance.now() + BELIEVED_MS });
    template.catch(() => this.#read.delete(place));
    return template;
  }

  /**
   * Finds which version is to blame and notes it, unless the template is well with its sample values: then it is this one mail's data that
   * makes too much of it, and others need not do without. Undefined if it is a shipped one: nothing could take its place.
   */
  async #setAside(
    workspaceId: number,
    template: ResolvedTemplate,
    fault: LiquidFault,
  ): Promise<UsedVersion | undefined> {
    const own: UsedVersion[] = [template, ...template.partials].filter(({ version }) => version > 0);
    const blamed = own.find(({ name }) => name === (fault.partial ?? template.name)) ?? own[0];
    if (blamed === undefined) return undefined;
    const { part, line, message } = told(fault);
    const reason = `${part}${line === undefined ? "" : `, line ${line}`}: ${message}`;
    const { name, locale, version } = blamed;
    const isForData =
      (fault.code === "too_slow" || fault.code === "too_large") &&
      !("fault" in (await this.draw(workspaceId, template, sampleData(template.settings.tokens), "cid")));
    if (!isForData) {
      await markBroken(this.#deps.db, workspaceId, blamed, reason);
      this.forget(workspaceId);
    }
    this.#deps.log.warn({ template: name, locale, version, reason, isForData }, "a mail template cannot be rendered");
    return blamed;
  }

  #rendered(
    workspaceId: number,
    { name, version, locale, settings }: ResolvedTemplate,
    data: Record<string, Json>,
    drawn: { subject: string; html: string; text: string },
  ): Rendered {
    return {
      ...drawn,
      subject: drawn.subject === "" ? settings.title : drawn.subject,
      ...{ template: name, version, locale },
      secrets: secretsOf(settings.tokens, data),
      variablesMasked: maskedData(settings.tokens, data),
      unsubscribe: settings.unsubscribe,
      inline: this.#pictures(workspaceId, drawn.html),
    };
  }

  #pictures(workspaceId: number, html: string): InlinePicture[] {
    const { logo } = this.#deps.settings.of(workspaceId);
    if (logo === null || !html.includes(`cid:${LOGO_ID}`)) return [];
    const content = logo.slice(logo.indexOf(",") + 1);
    return [{ filename: "logo.png", contentType: "image/png", content, contentId: LOGO_ID }];
  }
}

function refuseMissing({ name, settings }: ResolvedTemplate, data: Record<string, Json>): void {
  const missing = missingTokens(settings.tokens, data);
  if (missing.length === 0) return;
  throw new AppError("missing_data", `The template ${name} needs ${missing.join(", ")} in its data.`, {
    errors: missing.map((token) => ({
      pointer: `/data/${token.replaceAll(".", "/")}`,
      code: "missing",
      message: `${token} is required`,
    })),
    extra: { missing },
  });
}
