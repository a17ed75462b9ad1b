import { AppError, type MailProvider, mailProviders } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { z } from "zod";
import { eventOrigin } from "../../access/access-events.ts";
import { findWorkspace } from "../../access/workspace-store.ts";
import type { Deps } from "../../deps.ts";
import { RateLimit } from "../../http/rate-limit.ts";
import { parseAllowedHosts } from "../../net/callable-address.ts";
import { guardedFetch } from "../../net/guarded-fetch.ts";
import { providerReaders } from "./provider-list.ts";
import { ReportBroken, ReportRefused, type SignedRequest } from "./provider-report.ts";
import { findSecret, noteReport } from "./provider-store.ts";
import { type ReportsTaken, takeReports } from "./take-reports.ts";

/** SendGrid's batches are up to about 1 MB, SES's with all headers less. */
const BODY_BYTES_MAX = 5 * 1024 * 1024;
/** Refused requests of one address: then it waits. */
const REFUSED_PER_MINUTE = 30;

type EventDeps = Pick<Deps, "config" | "db" | "clock" | "redaction" | "record" | "log" | "vault">;

/** Where providers report what became of mails. They have no key of ours: each report is known by its signature. */
export function registerProviderEventRoutes(app: FastifyInstance, deps: EventDeps): void {
  const refused = new RateLimit(REFUSED_PER_MINUTE, deps.clock);
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // SNS says text/plain, whatever it sends; signatures are over the bytes as they came.
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    );
    scope.withTypeProvider<ZodTypeProvider>().route({
      method: "POST",
      url: "/api/v1/mail/provider-events/:provider",
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        summary: "Report what became of mails, for providers",
        description:
          "Webhooks of Postmark, Amazon SES through SNS, Mailgun, SendGrid and Resend, as they are documented there. Each report counts once; those of mails that are not known are counted and left out.",
        tags: ["mail"],
        params: z.object({ provider: z.enum(mailProviders) }),
        querystring: z.object({
          workspace: z.string().max(100).optional().describe("The slug; left out, the first workspace."),
        }),
        response: {
          200: z.object({
            reports: z.number().int(),
            taken: z.number().int(),
            repeated: z.number().int(),
            unknown: z.number().int(),
          }),
        },
      },
      // Before the body is read.
      onRequest: async (request) => {
        const waitSeconds = refused.wait(request.origin.ip);
        if (waitSeconds === 0) return;
        throw new AppError("too_many_requests", "Too many requests with signatures that do not fit.", {
          retryAfterSeconds: Math.ceil(waitSeconds),
        });
      },
      handler: async (request) => {
        const { params, query, origin } = request;
        return takeRequest(deps, params.provider, query.workspace, request, () => void refused.take(origin.ip));
      },
    });
  });
}

/** Checks who sent a request, reads it, takes what it reports. Throws `signature_invalid` and `invalid_request`. */
async function takeRequest(
  deps: EventDeps,
  provider: MailProvider,
  slug: string | undefined,
  request: FastifyRequest,
  onRefused: () => void,
): Promise<ReportsTaken> {
  const workspace = await findWorkspace(deps.db, slug).catch((error: unknown) => {
    if (error instanceof AppError && error.code === "not_found") return undefined;
    throw error;
  });
  const secret = workspace && (await findSecret(deps.db, deps.vault, workspace.id, provider));
  // The same answer for a workspace that is not there, a provider that is not set, and a signature that is wrong.
  const refusal = new AppError(
    "signature_invalid",
    "The signature does not fit, or nothing of this provider is taken.",
  );
  if (workspace === undefined || secret === undefined) {
    onRefused();
    throw refusal;
  }
  const reader = providerReaders[provider];
  try {
    const reports = await reader.read(signedRequest(request), secret, {
      nowMs: deps.clock(),
      fetchText: fetcher(deps),
    });
    const origin = eventOrigin(request.origin);
    const actor = { type: "system", id: provider, name: reader.title };
    return await takeReports(deps, { workspaceId: workspace.id, provider, actor, origin }, reports);
  } catch (error) {
    if (!(error instanceof ReportRefused || error instanceof ReportBroken)) throw error;
    await noteReport(deps.db, workspace.id, provider, { fault: error.message });
    // Counted too: some are read before their signature can be checked.
    onRefused();
    if (error instanceof ReportBroken) throw new AppError("invalid_request", error.message, { cause: error });
    throw refusal;
  }
}

function signedRequest(request: FastifyRequest): SignedRequest {
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  return { body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), header };
}

/** Reads from the internet, through the guard of outgoing calls: certificates of SNS, confirmations of subscriptions. A failure is answered
 *  with 500, so that SNS tries again. */
function fetcher({ config }: Pick<Deps, "config">): (url: string) => Promise<string> {
  return async (url) => {
    const { hostname } = new URL(url);
    const allowed = parseAllowedHosts(config.allowedHosts);
    const answer = await guardedFetch(url, {}, { allowed }).catch((cause: unknown) => {
      throw new AppError("internal", `${hostname} could not be asked.`, { cause });
    });
    if (answer.status !== 200 || answer.isCut)
      throw new AppError("internal", `${hostname} answered with ${answer.status}.`);
    return answer.text;
  };
}
