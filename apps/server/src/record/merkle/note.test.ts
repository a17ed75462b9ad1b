import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  formatVerifierKey,
  noteSigner,
  noteVerifier,
  parseNote,
  parseVerifierKey,
  signNote,
  verifyNote,
} from "./note.ts";

/** The example of golang.org/x/mod/sumdb/note, the reference implementation; Ed25519 signs the same way every time. */
const goSeed = Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1);
const goKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const goText = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const goNote = `${goText}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n`;

/** The example of the C2SP signed-note specification, "Verifier keys". */
const specKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const specNote =
  "This is an example message.\n\n— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

describe("signed notes", () => {
  it("signs the reference example byte for byte", () => {
    const signer = noteSigner("PeterNeumann", goSeed);
    expect(signer.keyId).toBe("c74f20a3");
    expect(formatVerifierKey(signer)).toBe(goKey);
    expect(signNote(goText, [signer])).toBe(goNote);
  });

  it("verifies the published notes with their published keys", () => {
    expect(verifyNote(parseNote(goNote), [parseVerifierKey(goKey)])).toHaveLength(1);
    expect(verifyNote(parseNote(specNote), [parseVerifierKey(specKey)])[0]?.keyId).toBe("530d903a");
    expect(parseNote(specNote).text).toBe("This is an example message.\n");
  });

  it("refuses a note when any one character of its text differs", () => {
    const known = [parseVerifierKey(goKey)];
    fc.assert(
      fc.property(fc.nat({ max: goText.length - 2 }), (at) => {
        const other = goText[at] === "x" ? "y" : "x";
        const changed = goNote.slice(0, at) + other + goNote.slice(at + 1);
        expect(() => verifyNote(parseNote(changed), known)).toThrow();
      }),
    );
  });

  it("passes over signatures of unknown keys, but wants one of a known key", () => {
    const known = noteSigner("daybook/a/main", Buffer.alloc(32, 1));
    const stranger = noteSigner("daybook/a/main", Buffer.alloc(32, 2));
    const note = parseNote(signNote("text\n", [stranger, known]));
    expect(verifyNote(note, [known]).map((key) => key.keyId)).toEqual([known.keyId]);
    expect(() => verifyNote(note, [noteSigner("other", Buffer.alloc(32, 1))])).toThrow("None of the known keys");
    expect(() => verifyNote(note, [])).toThrow("None of the known keys");
  });

  it("refuses the whole note when the signature of a known key is wrong", () => {
    const known = noteSigner("a", Buffer.alloc(32, 1));
    const other = noteSigner("b", Buffer.alloc(32, 2));
    const forged = signNote("text\n", [known]).replace("text", "test");
    const both = forged + signNote("test\n", [other]).slice("test\n\n".length);
    expect(() => verifyNote(parseNote(both), [known, other])).toThrow("The signature of a ");
  });

  it("separates text and signatures at the last empty line", () => {
    const signer = noteSigner("a", Buffer.alloc(32, 1));
    const note = parseNote(signNote("one\n\ntwo\n", [signer]));
    expect(note.text).toBe("one\n\ntwo\n");
    expect(verifyNote(note, [signer])).toHaveLength(1);
  });

  it("refuses what is not a note", () => {
    const line = goNote.slice(goText.length + 1);
    const wrong = [
      "",
      "text\n",
      `text\n${line}`,
      `${goText}\n`,
      goNote.slice(0, -1),
      `te\txt\n\n${line}`,
      `a\r\n\n${line}`,
    ];
    for (const note of wrong) expect(() => parseNote(note), JSON.stringify(note)).toThrow();
    expect(() => parseNote(goNote.replace("— ", "- "))).toThrow("signature line");
    expect(() => parseNote(`text\n\n${line.repeat(65)}`)).toThrow("at most 64");
    expect(() => signNote("no newline", [])).toThrow();
  });

  it("refuses verifier keys that do not fit together", () => {
    expect(() => parseVerifierKey(goKey.replace("c74f20a3", "c74f20a4"))).toThrow("does not belong");
    expect(() => parseVerifierKey(goKey.replace("PeterNeumann", "PeterNeuman"))).toThrow("does not belong");
    expect(() => parseVerifierKey("a+00000000+AgAA")).toThrow("Only Ed25519");
    expect(() => parseVerifierKey("nonsense")).toThrow("A verifier key is written");
    expect(() => noteVerifier("with space", Buffer.alloc(32))).toThrow("cannot name a key");
    expect(() => noteVerifier("with+plus", Buffer.alloc(32))).toThrow("cannot name a key");
  });
});
