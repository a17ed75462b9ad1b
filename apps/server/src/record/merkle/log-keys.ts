/**
 * The Ed25519 key that signs the checkpoints of an installation, and the public keys of those before it.
 *
 * Without DAYBOOK_LOG_KEY they are files of the data directory: `keys/log.key`, the private key, made at first start and
 * readable by the server alone; `keys/log-public.txt`, one line for each key ever used, the newest last. DAYBOOK_LOG_KEY
 * holds the same for several servers: the private key, then the verifier keys of earlier ones, with commas between.
 *
 * A key is written as in golang.org/x/mod/sumdb/note, under the name `daybook/<installation>`. The log of a workspace signs as
 * `daybook/<installation>/<workspace>`, the origin of its checkpoints, so each workspace has a verifier key of its own.
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import {
  formatVerifierKey,
  NoteError,
  type NoteSigner,
  type NoteVerifier,
  noteSigner,
  noteVerifier,
  parseVerifierKey,
} from "./note.ts";
import { formatSignerKey, parseSignerKey } from "./signer-key.ts";

/** A public key with the times between which it signed. */
export interface OwnKey {
  verifier: NoteVerifier;
  /** RFC 3339; unknown for keys from DAYBOOK_LOG_KEY. */
  since: string | undefined;
}

interface KeyRing {
  /** `daybook/<installation>`. */
  name: string;
  seed: Buffer;
  /** All public keys, the one in use last. */
  keys: OwnKey[];
}

export interface LogKeysOptions {
  /** The data directory. */
  data: string;
  /** The value of DAYBOOK_LOG_KEY. */
  logKey?: string | undefined;
}

/** The keys of the log. Cheap to ask: the files are read again only when they have changed. */
export class LogKeys {
  readonly #directory: string;
  readonly #setting: string | undefined;
  #ring: KeyRing | undefined;
  #readState = "";

  constructor({ data, logKey }: LogKeysOptions) {
    this.#directory = join(data, "keys");
    this.#setting = logKey;
  }

  /** The keys come from DAYBOOK_LOG_KEY, not from the data directory. */
  get fromSetting(): boolean {
    return this.#setting !== undefined;
  }

  /** Signs for a workspace; the key is made when there is none. @throws NoteError when a key file is damaged. */
  signer(workspace: string): NoteSigner {
    const ring = this.#open() ?? this.#create();
    return noteSigner(`${ring.name}/${workspace}`, ring.seed);
  }

  /** The public keys that may have signed for a workspace, the one in use last; none when no key was made yet. */
  verifiers(workspace: string): OwnKey[] {
    const ring = this.#open();
    if (ring === undefined) return [];
    return ring.keys.map(({ verifier, since }) => ({
      verifier: noteVerifier(`${verifier.name}/${workspace}`, verifier.publicKey),
      since,
    }));
  }

  /**
   * Makes a new key and keeps the public half of the old one. With DAYBOOK_LOG_KEY nothing can be stored: `setting` is the
   * value to put there on every server.
   */
  rotate(nowMs: number): { before: NoteVerifier; after: NoteVerifier; setting?: string } {
    const ring = this.#open() ?? this.#create();
    const before = ring.keys.at(-1)?.verifier ?? noteSigner(ring.name, ring.seed);
    const seed = randomBytes(32);
    const after = noteSigner(ring.name, seed);
    if (this.#setting !== undefined) {
      const older = [...ring.keys].reverse().map((key) => formatVerifierKey(key.verifier));
      return { before, after, setting: [formatSignerKey(after, seed), ...older].join(",") };
    }
    const since = new Date(nowMs).toISOString();
    this.#writePublic([...ring.keys, { verifier: after, since }]);
    this.#writePrivate(formatSignerKey(after, seed), "replace");
    this.#ring = undefined;
    return { before, after };
  }

  #open(): KeyRing | undefined {
    if (this.#setting !== undefined) {
      this.#ring ??= parseSetting(this.#setting);
      return this.#ring;
    }
    const state = stateOf(this.#privateFile);
    if (state === undefined) return undefined;
    if (this.#ring === undefined || state !== this.#readState) {
      this.#ring = this.#read();
      this.#readState = state;
    }
    return this.#ring;
  }

  #create(): KeyRing {
    const name = `daybook/${randomBytes(4).toString("hex")}`;
    const seed = randomBytes(32);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    chmodSync(this.#directory, 0o700);
    // Of two processes that start together one makes the key; the other takes it.
    this.#writePrivate(formatSignerKey(noteSigner(name, seed), seed), "keep");
    this.#ring = undefined;
    const ring = this.#open();
    if (ring === undefined) throw new NoteError(`The key of the log cannot be stored in ${this.#directory}.`);
    this.#writePublic(ring.keys);
    return ring;
  }

  #read(): KeyRing {
    const { name, seed } = parseSignerKey(readFileSync(this.#privateFile, "utf8"));
    const own = noteSigner(name, seed);
    const keys = readLines(this.#publicFile).map((line): OwnKey => {
      const [key = "", since] = line.split(" ");
      return { verifier: parseVerifierKey(key), since };
    });
    // The public half of a new key is written before the private one; until then the old one signs.
    const use = keys.findIndex((key) => key.verifier.publicKey.equals(own.publicKey));
    if (use < 0) return { name, seed, keys: [...keys, { verifier: own, since: new Date().toISOString() }] };
    return { name, seed, keys: [...keys.slice(0, use), ...keys.slice(use + 1), keys[use] as OwnKey] };
  }

  get #privateFile(): string {
    return join(this.#directory, "log.key");
  }

  get #publicFile(): string {
    return join(this.#directory, "log-public.txt");
  }

  #writePrivate(text: string, existing: "replace" | "keep"): void {
    const draft = `${this.#privateFile}.${process.pid}.${randomBytes(4).toString("hex")}`;
    writeDurably(draft, `${text}\n`);
    if (existing === "replace") {
      renameSync(draft, this.#privateFile);
      return;
    }
    try {
      linkSync(draft, this.#privateFile);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    } finally {
      unlinkSync(draft);
    }
  }

  #writePublic(keys: readonly OwnKey[]): void {
    const draft = `${this.#publicFile}.${process.pid}.${randomBytes(4).toString("hex")}`;
    const lines = keys.map(({ verifier, since }) => `${formatVerifierKey(verifier)} ${since ?? ""}`.trim());
    writeDurably(draft, `${lines.join("\n")}\n`);
    renameSync(draft, this.#publicFile);
  }
}

function parseSetting(setting: string): KeyRing {
  const [own = "", ...older] = setting.split(",").map((part) => part.trim());
  const { name, seed } = parseSignerKey(own);
  const verifiers = [
    ...older
      .filter((line) => line !== "")
      .reverse()
      .map(parseVerifierKey),
    noteSigner(name, seed),
  ];
  return { name, seed, keys: verifiers.map((verifier) => ({ verifier, since: undefined })) };
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .filter((line) => line !== "");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** Another text when the file was replaced, also within one tick of the file system's clock. */
function stateOf(file: string): string | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
}

function writeDurably(file: string, text: string): void {
  const handle = openSync(file, "wx", 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
