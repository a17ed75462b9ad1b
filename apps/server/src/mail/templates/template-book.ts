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
import { type ResolvedTemplate, resolveTemplate, type UsedVersion } from "./resolve.ts";
import { maskedData, missingTokens, secretsOf } from "./template-data.ts";
import { markBroken } from "./template-store.ts";

/** How long a template that was read is believed; a change by another server is seen by then. */
const BELIEVED_MS = 2_000;
/** Versions that are set aside for one mail, before it is given up. */
const FALLBACKS_MAX = 8;

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
  readonly #pool = new RenderPool();
  readonly #read = new Map<string, { template: Promise<ResolvedTemplate>; untilMs: number }>();

  constructor(deps: TemplateBookDeps) {
    this.#deps = deps;
  }

  /**
   * Renders one mail. A version that cannot be rendered is set aside for the one before it, and for what is shipped in the end. Throws
   * `not_found`, `missing_data`, and `invalid_template` when nothing is left.
   */
  async render(workspaceId: number, { name, locale, data }: RenderWish): Promise<Rendered> {
    let last: LiquidFault | undefined;
    for (let tries = 0; tries < FALLBACKS_MAX; tries++) {
      const template = await this.#resolve(workspaceId, name, locale);
      if (template.settings.kind === "partial")
        throw new AppError(
          "invalid_template",
          `${name} is a partial: other templates render it, no mail is made of it.`,
        );
      if (tries === 0) refuseMissing(template, data);
      const drawn = await this.draw(workspaceId, template, data, "cid");
      if (!("fault" in drawn)) return this.#rendered(workspaceId, template, data, drawn);
      last = drawn.fault;
      if (!(await this.#setAside(workspaceId, template, last))) break;
    }
    throw new AppError("invalid_template", `The template ${name} cannot be rendered: ${last?.message ?? ""}.`);
  }

  /** Renders a template once, as it is. One that is stopped for its time is tried once more: the machine may have been busy. */
  async draw(
    workspaceId: number,
    { key, source }: Pick<ResolvedTemplate, "key" | "source">,
    data: Record<string, Json>,
    logo: "cid" | "data",
  ): Promise<Drawn> {
    const brand: Brand = brandOf(this.#deps.settings.of(workspaceId), this.#deps.config, logo);
    const once = (): Promise<RenderReply> => this.#pool.render({ key, source, brand, data });
    try {
      return await once().catch((error: unknown) => {
        if (error instanceof RenderStopped && error.fault.code === "too_slow") return once();
        throw error;
      });
    } catch (error) {
      if (!(error instanceof RenderStopped)) throw error;
      return { fault: { severity: "error", part: "html", ...error.fault } };
    }
  }

  /** What is wrong with a text, as far as it shows without data. */
  async check(order: CheckOrder): Promise<TemplateFault[]> {
    try {
      return await this.#pool.check(order);
    } catch (error) {
      if (!(error instanceof RenderStopped)) throw error;
      return [{ severity: "error", part: "html", ...error.fault }];
    }
  }

  /** Reads a workspace's templates anew with the next mail. */
  forget(workspaceId: number): void {
    for (const key of this.#read.keys()) if (key.startsWith(`${workspaceId} `)) this.#read.delete(key);
  }

  /** Ends the threads. */
  close(): Promise<void> {
    return this.#pool.close();
  }

  #resolve(workspaceId: number, name: string, locale: string | undefined): Promise<ResolvedTemplate> {
    const { timeZone } = this.#deps.settings.of(workspaceId);
    const place = `${workspaceId} ${name} ${locale ?? ""} ${timeZone}`;
    const known = this.#read.get(place);
    if (known !== undefined && known.untilMs > performance.now()) return known.template;
    if (this.#read.size > 1_000) this.#read.clear();
    const template = resolveTemplate(this.#deps.db, workspaceId, { name, locale, timeZone });
    this.#read.set(place, { template, untilMs: performance.now() + BELIEVED_MS });
    template.catch(() => this.#read.delete(place));
    return template;
  }

  /** Notes which version is to blame. False if it is a shipped one: nothing could take its place. */
  async #setAside(workspaceId: number, template: ResolvedTemplate, fault: LiquidFault): Promise<boolean> {
    const own: UsedVersion[] = [template, ...template.partials].filter(({ version }) => version > 0);
    const blamed = own.find(({ name }) => name === (fault.partial ?? template.name)) ?? own[0];
    if (blamed === undefined) return false;
    const { part, line, message } = told(fault);
    const reason = `${part}${line === undefined ? "" : `, line ${line}`}: ${message}`;
    await markBroken(this.#deps.db, workspaceId, blamed, reason);
    this.#deps.log.warn(
      { template: blamed.name, locale: blamed.locale, version: blamed.version, reason },
      "a mail template cannot be rendered; the version before it is used",
    );
    this.forget(workspaceId);
    return true;
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
