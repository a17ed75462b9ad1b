import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals places in the log (cursors, ids of a stream) for the holder of one token: a place is a number of the whole log and
 * would tell how much happens in it. AES-256-GCM under a key that is derived from the token.
 */
export class PlaceSeal {
  readonly #key: Buffer;

  constructor(token: string) {
    this.#key = hash("sha256", `daybook viewer place\0${token}`, "buffer");
  }

  /** An opaque text; another at every call. */
  seal(place: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv("aes-256-gcm", this.#key, iv);
    // The length would tell how many digits a number has.
    const sealed = Buffer.concat([cipher.update(place.padStart(160)), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString("base64url");
  }

  /** What was sealed; undefined for anything that this token was not given. */
  open(text: string): string | undefined {
    const bytes = Buffer.from(text, "base64url");
    if (bytes.length <= IV_BYTES + TAG_BYTES) return undefined;
    try {
      const decipher = createDecipheriv("aes-256-gcm", this.#key, bytes.subarray(0, IV_BYTES));
      decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
      const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      return opened.toString().trimStart();
    } catch {
      return undefined;
    }
  }
}
