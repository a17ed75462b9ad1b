import { type EventInput, permissionsOfScopes } from "@daybook/contract";
import { homeWorkspace } from "../../access/access-events.ts";
import type { ApiKeyRing } from "../../access/api-key-ring.ts";
import type { ApiKeyRow } from "../../access/api-key-store.ts";
import type { Deps } from "../../deps.ts";
import { RateLimit } from "../../http/rate-limit.ts";

/** Wrong passwords of one address in a minute; then it waits, and its tries are on record no more. */
const FAILURES_PER_MINUTE = 20;

/** Whoever may send: an API key with the scope mail:send. */
export interface RelayUser {
  workspaceId: number;
  keyId: string;
  name: string;
  secret: string;
}

/** Why somebody may not send, as SMTP says it (RFC 4954, 6). */
export interface LoginRefusal {
  code: 535 | 454 | 421;
  line: string;
}

type LoginDeps = Pick<Deps, "clock" | "config" | "db" | "log" | "record" | "settings">;

/** Signs panels in to the relay: any user name, the API key as the password. Failures are on record as those of people are. */
export class RelayLogin {
  readonly #deps: LoginDeps;
  readonly #keys: ApiKeyRing;
  readonly #failures: RateLimit;

  constructor(deps: LoginDeps, keys: ApiKeyRing) {
    this.#deps = deps;
    this.#keys = keys;
    this.#failures = new RateLimit(FAILURES_PER_MINUTE, deps.clock);
  }

  /** Throws what the database throws. */
  async check(secret: string, ip: string): Promise<RelayUser | LoginRefusal> {
    if (this.#failures.wait(ip) > 0)
      return { code: 421, line: "4.7.0 Too many wrong passwords, try again in a minute" };
    const verdict = await this.#keys.check(secret.trim());
    if ("refused" in verdict) {
      await this.#refused(ip, "invalid_credentials");
      return { code: 535, line: `5.7.8 The password is not an API key that holds (${verdict.refused})` };
    }
    if (!permissionsOfScopes(verdict.key.scopes).has("mail.send")) {
      await this.#refused(ip, "missing_permission", verdict.key);
      return { code: 535, line: "5.7.8 This API key does not have the scope mail:send" };
    }
    const { workspaceId, id: keyId, name } = verdict.key;
    return { workspaceId, keyId, name, secret: secret.trim() };
  }

  /** Whether the key of a connection is still good. Throws what the database throws. */
  async still({ secret }: RelayUser): Promise<boolean> {
    const verdict = await this.#keys.check(secret);
    return !("refused" in verdict) && permissionsOfScopes(verdict.key.scopes).has("mail.send");
  }

  async #refused(ip: string, reason: string, key?: ApiKeyRow): Promise<void> {
    this.#failures.take(ip);
    const event: EventInput = {
      action: "auth.login",
      actor: key === undefined ? { type: "anonymous" } : { type: "api_key", id: key.id, name: key.name },
      outcome: key === undefined ? "failure" : "denied",
      reason,
      origin: { ip, auth: "api_key" },
      details: { via: "smtp" },
    };
    await this.#deps.record.write(key?.workspaceId ?? (await homeWorkspace(this.#deps)), [event]);
  }
}
