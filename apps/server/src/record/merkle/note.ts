/** Signed notes with Ed25519 keys (C2SP signed-note, v1). */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

const ED25519 = 0x01;
const KEY_ID_BYTES = 4;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** Limits a note from outside; the specification wants at least 16 accepted. */
const SIGNATURES_MAX = 64;
const NOTE_LENGTH_MAX = 1024 * 1024;
/** DER of an Ed25519 key (RFC 8410) before its 32 bytes. */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** A public key with the name it signs under. */
export interface NoteVerifier {
  name: string;
  /** 8 hexadecimal digits. */
  keyId: string;
  /** 32 bytes. */
  publicKey: Buffer;
}

/** A private key with the name it signs under. */
export interface NoteSigner extends NoteVerifier {
  privateKey: KeyObject;
}

export interface NoteSignature {
  name: string;
  keyId: string;
  signature: Buffer;
}

export interface SignedNote {
  /** The signed text with its last newline. */
  text: string;
  signatures: NoteSignature[];
}

/** What is wrong with a note or a key, in words for the person who holds it. */
export class NoteError extends Error {
  override name = "NoteError";
}

/** A signer from the 32 byte seed of an Ed25519 key (RFC 8032). */
export function noteSigner(name: string, seed: Uint8Array): NoteSigner {
  if (seed.length !== KEY_BYTES) throw new NoteError("An Ed25519 seed has 32 bytes.");
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { ...noteVerifier(name, spki.subarray(SPKI_PREFIX.length)), privateKey };
}

/** A verifier from a 32 byte Ed25519 public key. */
export function noteVerifier(name: string, publicKey: Uint8Array): NoteVerifier {
  if (!isKeyName(name)) throw new NoteError(`"${name}" cannot name a key: no spaces and no plus sign.`);
  if (publicKey.length !== KEY_BYTES) throw new NoteError("An Ed25519 public key has 32 bytes.");
  const id = createHash("sha256").update(`${name}\n`).update(Uint8Array.of(ED25519)).update(publicKey).digest();
  return { name, keyId: id.toString("hex", 0, KEY_ID_BYTES), publicKey: Buffer.from(publicKey) };
}

/** The verifier key as one line: `name+key id+base64(0x01 || public key)`. */
export function formatVerifierKey(verifier: NoteVerifier): string {
  const key = Buffer.concat([Buffer.of(ED25519), verifier.publicKey]);
  return `${verifier.name}+${verifier.keyId}+${key.toString("base64")}`;
}

/** @throws NoteError when the line is not a verifier key, or its id is not the one of its key. */
export function parseVerifierKey(line: string): NoteVerifier {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/.exec(line.trim());
  if (match === null) throw new NoteError("A verifier key is written name+8 hexadecimal digits+base64.");
  const [, name = "", keyId = "", encoded = ""] = match;
  const key = Buffer.from(encoded, "base64");
  if (key[0] !== ED25519) throw new NoteError("Only Ed25519 verifier keys (type 1) are understood.");
  const verifier = noteVerifier(name, key.subarray(1));
  if (verifier.keyId !== keyId) throw new NoteError(`The key id ${keyId} does not belong to this name and key.`);
  return verifier;
}

/** Signs `text`, which ends in a newline, with every signer and returns the whole note. */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!isNoteText(text)) throw new NoteError("A note's text ends in a newline and has no other control characters.");
  const lines = signers.map((signer) => {
    const signature = sign(null, Buffer.from(text), signer.privateKey);
    const blob = Buffer.concat([Buffer.from(signer.keyId, "hex"), signature]);
    return `— ${signer.name} ${blob.toString("base64")}\n`;
  });
  return `${text}\n${lines.join("")}`;
}

/** @throws NoteError when this is not a signed note. Says nothing about whether the signatures are right. */
export function parseNote(note: string): SignedNote {
  if (note.length > NOTE_LENGTH_MAX) throw new NoteError("The note is too long.");
  const border = note.lastIndexOf("\n\n");
  const text = note.slice(0, border + 1);
  if (border < 0 || !isNoteText(text)) throw new NoteError("A note is text, an empty line, and signature lines.");
  const lines = note.slice(border + 2).split("\n");
  if (lines.pop() !== "" || lines.length === 0) throw new NoteError("The note does not end in a signature line.");
  if (lines.length > SIGNATURES_MAX) throw new NoteError(`A note may carry at most ${SIGNATURES_MAX} signatures.`);
  return { text, signatures: lines.map(parseSignature) };
}

/**
 * The verifiers whose signature is on the note and right. Signatures of unknown keys are passed over.
 * @throws NoteError when a known key's signature is wrong, or no known key has signed.
 */
export function verifyNote(note: SignedNote, verifiers: readonly NoteVerifier[]): NoteVerifier[] {
  const signed: NoteVerifier[] = [];
  for (const { name, keyId, signature } of note.signatures) {
    const verifier = verifiers.find((known) => known.name === name && known.keyId === keyId);
    if (verifier === undefined || signed.includes(verifier)) continue;
    const key = publicKeyOf(verifier);
    const right = signature.length === SIGNATURE_BYTES && verify(null, Buffer.from(note.text), key, signature);
    if (!right) throw new NoteError(`The signature of ${name} (${keyId}) is wrong: the text is not what was signed.`);
    signed.push(verifier);
  }
  if (signed.length === 0) throw new NoteError("None of the known keys has signed this note.");
  return signed;
}

const publicKeys = new WeakMap<NoteVerifier, KeyObject>();

/** Made once for each key: many checkpoints are checked with one. */
function publicKeyOf(verifier: NoteVerifier): KeyObject {
  const known = publicKeys.get(verifier);
  if (known !== undefined) return known;
  const der = Buffer.concat([SPKI_PREFIX, verifier.publicKey]);
  const key = createPublicKey({ key: der, format: "der", type: "spki" });
  publicKeys.set(verifier, key);
  return key;
}

function parseSignature(line: string): NoteSignature {
  const match = /^— ([^ ]+) ([A-Za-z0-9+/]+={0,2})$/.exec(line);
  const [, name = "", encoded = ""] = match ?? [];
  const blob = Buffer.from(encoded, "base64");
  if (!isKeyName(name) || blob.length <= KEY_ID_BYTES || blob.toString("base64") !== encoded) {
    throw new NoteError("A signature line is written — name base64.");
  }
  return { name, keyId: blob.toString("hex", 0, KEY_ID_BYTES), signature: blob.subarray(KEY_ID_BYTES) };
}

function isKeyName(name: string): boolean {
  return name.length > 0 && !/[\s\p{White_Space}+\p{Cc}]/u.test(name) && name.isWellFormed();
}

/** Valid Unicode that ends in a newline and has no other ASCII control character. */
function isNoteText(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these.
  return text.endsWith("\n") && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}
