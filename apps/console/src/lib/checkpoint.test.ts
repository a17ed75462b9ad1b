import { generateKeyPairSync, sign } from "node:crypto";
import type { LogKey } from "@daybook/contract";
import { expect, test } from "vitest";
import { readCheckpoint, signerOf } from "./checkpoint.ts";

const { publicKey, privateKey } = generateKeyPairSync("ed25519");
const key: LogKey = {
  verifierKey: "",
  name: "daybook.example/main",
  keyId: "01020304",
  publicKey: publicKey.export({ format: "der", type: "spki" }).subarray(12).toString("base64"),
  current: true,
};
const text = `daybook.example/main\n20852\n${Buffer.alloc(32, 7).toString("base64")}\n`;
const signature = Buffer.concat([Buffer.from("01020304", "hex"), sign(null, Buffer.from(text), privateKey)]);
const note = `${text}\n— daybook.example/main ${signature.toString("base64")}\n`;

test("a checkpoint is read from its note, and its signer is found", async () => {
  const checkpoint = readCheckpoint(note);
  expect(checkpoint).toMatchObject({ origin: "daybook.example/main", size: 20852, root: new Uint8Array(32).fill(7) });
  expect(checkpoint && (await signerOf(checkpoint, [key]))).toEqual(key);
});

test("a changed size is not what was signed, and an unknown key has not signed", async () => {
  const changed = readCheckpoint(note.replace("20852", "20853"));
  expect(changed && (await signerOf(changed, [key]))).toBeNull();
  const checkpoint = readCheckpoint(note);
  expect(checkpoint && (await signerOf(checkpoint, [{ ...key, keyId: "ffffffff" }]))).toBeNull();
});

test("what is no checkpoint is not read as one", () => {
  expect(readCheckpoint("nothing of the kind")).toBeNull();
});
