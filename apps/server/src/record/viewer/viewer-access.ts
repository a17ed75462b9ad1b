import { AppError, type ViewerEvent } from "@daybook/contract";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Deps } from "../../deps.ts";
import { RateLimit } from "../../http/rate-limit.ts";
import type { ActionBook } from "../actions.ts";
import type { EventRow } from "../event-row.ts";
import { toEvent } from "../event-row.ts";
import type { Sight } from "../sight.ts";
import { type CustomerActions, customerActions } from "./customer-actions.ts";
import type { CustomerSight } from "./customer-sight.ts";
import { PlaceSeal } from "./place-seal.ts";
import { shownEvent, type Tell } from "./shown-event.ts";
import { findViewerToken, type ViewerToken } from "./viewer-token-store.ts";

const ROUTES = "/api/v1/viewer/";
/** Requests of one token: a page that shows a list and follows it makes some ten a minute. */
const REQUESTS_PER_MINUTE = 240;
/** How long what customers see of actions is held: so long an operator's change may take to show. */
const ACTIONS_MS = 10_000;

/** A holder of a viewer token. */
export interface ViewerAccess {
  workspaceId: number;
  /** Always with a customer. */
  sight: Sight & { customer: CustomerSight };
  token: ViewerToken;
  seal: PlaceSeal;
  /** An event that is in sight, as the customer sees it. */
  show(row: EventRow): ViewerEvent;
  tell: Tell;
}

/** Finds out who holds a viewer token. */
export class ViewerGate {
  readonly #deps: Pick<Deps, "db" | "clock" | "actions" | "settings">;
  readonly #limit: RateLimit;
  readonly #actions = new Map<number, { actions: CustomerActions; untilMs: number }>();

  constructor(deps: Pick<Deps, "db" | "clock" | "actions" | "settings">, perMinute: number = REQUESTS_PER_MINUTE) {
    this.#deps = deps;
    this.#limit = new RateLimit(perMinute, deps.clock);
  }

  /**
   * The access of a request with a viewer token: as a bearer, or `?token=` for streams, which cannot send headers. Throws
   * unauthenticated, the same for every token that opens nothing; forbidden for pages of other origins than the
   * workspace allows; too_many_requests.
   */
  async open(request: FastifyRequest): Promise<ViewerAccess> {
    const text = tokenOf(request);
    const token = text === undefined ? undefined : await findViewerToken(this.#deps.db, text, this.#deps.clock());
    if (text === undefined || token === undefined)
      throw new AppError("unauthenticated", "This needs a viewer token that is alive. Ask the panel for a new one.");
    this.#checkOrigin(request, token.workspaceId);
    const wait = Math.ceil(this.#limit.take(token.id));
    if (wait > 0) {
      const detail = `Too many requests with this token. Try again in ${wait} s.`;
      throw new AppError("too_many_requests", detail, { retryAfterSeconds: wait });
    }
    return this.#accessOf(token, new PlaceSeal(text));
  }

  #checkOrigin(request: FastifyRequest, workspaceId: number): void {
    const { viewerOrigins } = this.#deps.settings.of(workspaceId);
    const { origin } = request.headers;
    if (viewerOrigins.length === 0 || origin === undefined || viewerOrigins.includes(origin)) return;
    throw new AppError(
      "forbidden",
      "Pages of this origin may not show it. The workspace's setting viewerOrigins decides.",
    );
  }

  /** Whether a token still opens anything. */
  async isAlive(token: ViewerToken): Promise<boolean> {
    const { rows } = await this.#deps.db.query("select 1 from viewer_token where id = $1 and expires_at > $2", [
      token.id,
      new Date(this.#deps.clock()),
    ]);
    return rows.length > 0;
  }

  #accessOf(token: ViewerToken, seal: PlaceSeal): ViewerAccess {
    const { workspaceId } = token;
    const customer: CustomerSight = {
      key: token.id,
      scope: token.scope,
      actions: this.#actionsOf(workspaceId),
      hidden: new Set(token.hiddenFields),
      staffAs: token.staffAs,
    };
    const tell = teller(this.#deps.actions, workspaceId);
    const show = (row: EventRow): ViewerEvent => shownEvent(customer, toEvent(row), tell);
    return { workspaceId, sight: { personal: false, customer }, token, seal, show, tell };
  }

  #actionsOf(workspaceId: number): CustomerActions {
    const now = this.#deps.clock();
    const held = this.#actions.get(workspaceId);
    if (held !== undefined && held.untilMs > now) return held.actions;
    const actions = customerActions(this.#deps.actions, workspaceId);
    this.#actions.set(workspaceId, { actions, untilMs: now + ACTIONS_MS });
    return actions;
  }
}

const teller =
  (book: Pick<ActionBook, "resolve" | "sentence">, workspaceId: number): Tell =>
  (event) =>
    book.sentence(book.resolve(workspaceId, event.action), event);

function tokenOf(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) return /^bearer /i.test(header) ? header.slice("bearer ".length).trim() : undefined;
  const { token } = request.query as { token?: unknown };
  return typeof token === "string" ? token : undefined;
}

/**
 * Lets pages of other origins call the viewer routes, and these alone. No cookie is ever looked at there: without a token
 * there is nothing to be had, and `ViewerGate` holds its workspace's list of origins. Call before any hook that may refuse.
 */
export function allowViewerOrigins(app: FastifyInstance): void {
  app.addHook("onRequest", (request, reply, done) => {
    if (request.routeOptions.url?.startsWith(ROUTES)) {
      reply.headers({
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "x-request-id, retry-after",
        "cross-origin-resource-policy": "cross-origin",
        "cache-control": "no-store",
      });
    }
    done();
  });
}
