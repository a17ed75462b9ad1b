/**
 * Encrypts what must be readable again later and by nobody else: mails that wait, passwords of mail servers, keys of providers.
 *
 * AES-256-GCM (NIST SP 800-38D) under one key of the installation: DAYBOOK_SECRET_KEY, else `keys/secret.key` of the data directory, made at
 * first use and readable by the server alone. What is sealed names its place, so that it cannot be moved to another.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hash,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { randomOf } from "../record/event-id.ts";

const FORMAT = 1;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

export interface VaultOptions {
  /** The data directory. */
  data: string;
  /** The value of DAYBOOK_SECRET_KEY. */
  secretKey?: string | undefined;
}

/** Something sealed that cannot be opened: by another key, for another place, or altered. */
export class VaultError extends Error {
  override name = "VaultError";
}

export class Vault {
  readonly #options: VaultOptions;
  #key: KeyObject | undefined;

  constructor(options: VaultOptions) {
    this.#options = options;
  }

  /** Seals bytes for one place, e.g. `mail_outbox/1/<id>`. */
  seal(place: string, plain: Uint8Array): Buffer {
    const iv = randomOf(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#read(), iv);
    cipher.setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
    return Buffer.concat([Buffer.of(FORMAT), iv, cipher.getAuthTag(), sealed]);
  }

  /** Opens what was sealed for the place. Throws VaultError. */
  open(place: string, sealed: Uint8Array): Buffer {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const [iv, rest] = [bytes.subarray(1, 1 + IV_BYTES), bytes.subarray(1 + IV_BYTES)];
    try {
      if (bytes[0] !== FORMAT) throw new Error("its format is unknown");
      const decipher = createDecipheriv("aes-256-gcm", this.#read(), iv);
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(rest.subarray(0, TAG_BYTES));
      return Buffer.concat([decipher.update(rest.subarray(TAG_BYTES)), decipher.final()]);
    } catch (error) {
      throw new VaultError(
        `What was encrypted for ${place} cannot be read: was DAYBOOK_SECRET_KEY changed, or keys/secret.key lost?`,
        { cause: error },
      );
    }
  }

  /** A hash that nobody can guess a text by who has not the key: HMAC-SHA-256 (RFC 2104), for one place. */
  mac(place: string, text: string): Buffer {
    return createHmac("sha256", this.#read()).update(`${place}\n${text}`).digest();
  }

  /** The key, made when there is none. Whatever the text of the setting, its hash has the length that is needed. */
  #read(): KeyObject {
    if (this.#key === undefined) {
      const { secretKey, data } = this.#options;
      this.#key = createSecretKey(
        secretKey === undefined ? readOrMakeKey(join(data, "keys")) : hash("sha256", `daybook ${secretKey}`, "buffer"),
      );
    }
    return this.#key;
  }
}

function readOrMakeKey(directory: string): Buffer {
  const path = join(directory, "secret.key");
  const known = readKey(path);
  if (known !== undefined) return known;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const made = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(made, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flush: true });
  try {
    // A link is made whole or not at all: of two servers that start at once, one wins and both read its key.
    linkSync(made, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    unlinkSync(made);
  }
  return readKey(path) as Buffer;
}

function readKey(path: string): Buffer | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const key = Buffer.from(text.trim(), "base64");
  if (key.length !== KEY_BYTES) throw new VaultError(`${path} holds no key of ${KEY_BYTES} bytes`);
  return key;
}
