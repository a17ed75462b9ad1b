import {
  type ActionDefinition,
  type ActionOverride,
  type ActorType,
  catalogue,
  compileSentence,
  type EventInput,
  guessAction,
  type Kind,
  kindFor,
  type Outcome,
  type Severity,
  signInAction,
  type Teller,
} from "@daybook/contract";
import type { Logger } from "pino";
import type { Db } from "../db/pool.ts";
import { fileVersion, listOverrides, type Overrides, overridesVersion, readOverridesFile } from "./action-store.ts";

/** How soon a change by another process, or of the file, holds here. */
const CHECK_EVERY_MS = 5_000;

/** Meanings kept ready in memory a workspace. Names come from outside: past this the book starts afresh. */
const MEANINGS_MAX = 10_000;

/** What an action means for one event. */
export interface ResolvedAction {
  /** The catalogue's name; another than the one asked for when that is a sign-in by another panel's name. */
  action: string;
  category: string;
  kind: Kind;
  severity: Severity;
  sensitive: readonly string[];
  /** The catalogue or the operator knows it. */
  known: boolean;
  /** What the other panel's name says besides; holds when the event does not say. */
  outcome?: Outcome | undefined;
  reason?: string | undefined;
  /** Tells an event; made at the first use. */
  tell?: Teller;
  definition: ActionDefinition;
}

/** Where a meaning comes from, strongest first. */
export type ActionSource = "workspace" | "file" | "catalogue" | "guess";

export interface ActionBookOptions {
  db: Db;
  /** The operator's `actions.json`, if there is one: holds for every workspace. */
  file?: string | undefined;
  log?: Pick<Logger, "error"> | undefined;
  checkEveryMs?: number | undefined;
}

/** What every action means: the shipped catalogue, the operator's file over it, a workspace's own words over that. */
export class ActionBook {
  readonly #options: ActionBookOptions;
  readonly #timer: NodeJS.Timeout;
  #checking: Promise<void> = Promise.resolve();
  #versions = "";
  #file: Overrides = new Map();
  #own = new Map<number, Overrides>();
  /** By workspace, then by actor type and action. */
  #meanings = new Map<number, Map<string, ResolvedAction>>();

  /** Reads the overrides. Throws Error naming what is wrong with the operator's file. */
  static async open(options: ActionBookOptions): Promise<ActionBook> {
    const book = new ActionBook(options);
    try {
      await book.reload();
    } catch (error) {
      await book.close();
      throw error;
    }
    return book;
  }

  private constructor(options: ActionBookOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#checking = this.#checking.then(() => this.#check());
    }, options.checkEveryMs ?? CHECK_EVERY_MS);
    this.#timer.unref();
  }

  /** Ends the watch for changes. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#checking;
  }

  /** Reads file and table again. On an error what was read before goes on to hold. */
  async reload(): Promise<void> {
    const versions = await this.#readVersions();
    const { db, file } = this.#options;
    const [fromFile, own] = await Promise.all([file ? readOverridesFile(file) : new Map(), listOverrides(db)]);
    this.#file = fromFile;
    this.#own = own;
    this.#versions = versions;
    this.#meanings = new Map();
  }

  /** What the action means. The actor decides the kind where the catalogue leaves it open, see `kindFor`. */
  resolve(workspaceId: number, action: string, actorType?: ActorType): ResolvedAction {
    let meanings = this.#meanings.get(workspaceId);
    if (meanings === undefined || meanings.size > MEANINGS_MAX) {
      meanings = new Map();
      this.#meanings.set(workspaceId, meanings);
    }
    const key = actorType === undefined ? action : `${actorType} ${action}`;
    let meaning = meanings.get(key);
    if (meaning === undefined) {
      meaning = this.#meaningOf(workspaceId, action, actorType);
      meanings.set(key, meaning);
    }
    return meaning;
  }

  /** The event in one line. `action` is what `resolve` gave for it. */
  sentence(action: ResolvedAction, event: EventInput): string {
    action.tell ??= compileSentence(action.definition);
    if (action.outcome === undefined || event.outcome !== undefined) return action.tell(event);
    return action.tell({ ...event, outcome: action.outcome, reason: event.reason ?? action.reason });
  }

  /** What is said of an action, and by whom. */
  look(workspaceId: number, action: string): { definition: ActionDefinition; source: ActionSource } {
    const own = this.#own.get(workspaceId)?.get(action);
    const fromFile = this.#file.get(action);
    const shipped = catalogue().get(action);
    let definition = shipped ?? guessAction(action);
    if (fromFile) definition = overridden(definition, fromFile);
    if (own) definition = overridden(definition, own);
    return { definition, source: own ? "workspace" : fromFile ? "file" : shipped ? "catalogue" : "guess" };
  }

  /** Every action that the catalogue or the operator knows. */
  names(workspaceId: number): Set<string> {
    return new Set([...catalogue().keys(), ...this.#file.keys(), ...(this.#own.get(workspaceId)?.keys() ?? [])]);
  }

  #meaningOf(workspaceId: number, sent: string, actorType: ActorType | undefined): ResolvedAction {
    const said = (name: string) => [this.#own.get(workspaceId)?.get(name), this.#file.get(name)];
    const alias = said(sent).some(Boolean) ? undefined : signInAction(sent);
    const action = alias?.action ?? sent;
    const { definition, source } = this.look(workspaceId, action);
    const { category, severity, sensitive } = definition;
    const kindIsSaid = said(action).some((override) => override?.kind !== undefined);
    const open = !catalogue().has(action) ? guessAction(action, actorType).kind : kindFor(definition.kind, actorType);
    const meaning: ResolvedAction = {
      action,
      category,
      kind: kindIsSaid ? definition.kind : open,
      severity,
      sensitive,
      known: source !== "guess",
      definition,
    };
    if (alias) Object.assign(meaning, { outcome: alias.outcome, reason: alias.reason });
    return meaning;
  }

  async #check(): Promise<void> {
    try {
      if ((await this.#readVersions()) !== this.#versions) await this.reload();
    } catch (error) {
      this.#options.log?.error({ err: error }, "the meanings of actions could not be read again; the old ones hold");
    }
  }

  async #readVersions(): Promise<string> {
    const { db, file } = this.#options;
    const [own, fromFile] = await Promise.all([overridesVersion(db), file ? fileVersion(file) : ""]);
    return `${own} ${fromFile}`;
  }
}

/** A definition with the operator's words over it. A new sentence brings its own failure and denial. */
function overridden(definition: ActionDefinition, override: ActionOverride): ActionDefinition {
  const base = override.says === undefined ? definition : { ...definition, failure: undefined, denied: undefined };
  return { ...base, ...override } as ActionDefinition;
}
