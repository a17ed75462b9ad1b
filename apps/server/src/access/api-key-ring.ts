import { type Permission, permissionsOfScopes } from "@daybook/contract";
import { type Listening, listen } from "../db/listen.ts";
import type { Deps } from "../deps.ts";
import { apiKeyHash, isApiKey } from "./api-key.ts";
import { type ApiKeyRow, findKeyByHash, keyChannel, keyEnded, storeLastUse } from "./api-key-store.ts";

/** A key is looked up again after this long, in case a notification was lost. */
const FRESH_MS = 5_000;
/** Keys held at once; unknown ones are held apart so that guesses cannot push good keys out. */
const KEYS_MAX = 10_000;
const UNKNOWN_MAX = 1_000;
/** `last_used_at` is written at most this often. */
const LAST_USE_EVERY_MS = 60_000;

interface Held {
  key: ApiKeyRow | undefined;
  permissions: ReadonlySet<Permission>;
  until: number;
}

/** What came of a key: the row, or why it does not open anything. */
export type KeyVerdict =
  | { key: ApiKeyRow; permissions: ReadonlySet<Permission> }
  | { refused: "unknown" | "revoked" | "expired" };

/** The API keys in use, held in memory so that the path of an event needs no query for its key. */
export class ApiKeyRing {
  private readonly deps: Pick<Deps, "db" | "clock" | "log">;
  private readonly known = new Map<string, Held>();
  private readonly unknown = new Map<string, Held>();
  private readonly asked = new Map<string, Promise<Held>>();
  private readonly lastUse = new Map<string, number>();
  private listening: Listening | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Grows with every clearing: an answer that was asked for before it is not held. */
  private generation = 0;

  constructor(deps: Pick<Deps, "db" | "clock" | "log">) {
    this.deps = deps;
  }

  /** Starts to listen for revoked keys and to store last uses. */
  async open(): Promise<void> {
    this.timer = setInterval(() => void this.storeLastUses(), LAST_USE_EVERY_MS).unref();
    this.listening = await listen(this.deps.db, {
      channel: keyChannel,
      onMessage: () => this.clear(),
      onGap: () => this.clear(),
      onFault: (error) => this.deps.log.warn({ err: error }, "API keys: no notifications, they are read every 5 s"),
    });
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.listening?.close();
    await this.storeLastUses();
  }

  /** Forgets what is held. Called when a key was rotated or revoked, here or on another server. */
  clear(): void {
    this.generation++;
    this.known.clear();
    this.unknown.clear();
    this.asked.clear();
  }

  /** The verdict on a key: at once when it is held and fresh, else after one query that all who ask meanwhile share. */
  check(secret: string): KeyVerdict | Promise<KeyVerdict> {
    if (!isApiKey(secret)) return { refused: "unknown" };
    const hash = apiKeyHash(secret);
    const held = this.known.get(hash) ?? this.unknown.get(hash);
    if (held && held.until > this.deps.clock()) return this.verdict(held);
    return this.ask(hash).then((answer) => this.verdict(answer));
  }

  /** Writes the last uses since the last call. */
  async storeLastUses(): Promise<void> {
    if (this.lastUse.size === 0) return;
    const times = new Map(this.lastUse);
    this.lastUse.clear();
    await storeLastUse(this.deps.db, times).catch((error) =>
      this.deps.log.warn({ err: error }, "API keys: the time of last use could not be stored"),
    );
  }

  private verdict({ key, permissions }: Held): KeyVerdict {
    if (!key) return { refused: "unknown" };
    const now = this.deps.clock();
    if (keyEnded(key, now)) return { refused: key.revokedAt ? "revoked" : "expired" };
    this.lastUse.set(key.id, now);
    return { key, permissions };
  }

  private ask(hash: string): Promise<Held> {
    const underWay = this.asked.get(hash);
    if (underWay) return underWay;
    const generation = this.generation;
    const asking = findKeyByHash(this.deps.db, hash)
      .then((key) => {
        const held: Held = {
          key,
          permissions: permissionsOfScopes(key?.scopes ?? []),
          until: this.deps.clock() + FRESH_MS,
        };
        if (generation === this.generation) this.hold(hash, held);
        return held;
      })
      .finally(() => {
        if (this.asked.get(hash) === asking) this.asked.delete(hash);
      });
    this.asked.set(hash, asking);
    return asking;
  }

  /** The oldest goes when there are too many. */
  private hold(hash: string, held: Held): void {
    const [map, max] = held.key ? ([this.known, KEYS_MAX] as const) : ([this.unknown, UNKNOWN_MAX] as const);
    this.unknown.delete(hash);
    map.delete(hash);
    map.set(hash, held);
    if (map.size > max) map.delete(map.keys().next().value ?? "");
  }
}
