import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ctEntries, ctInclusionOf7, ctLeafHashes, ctRoots } from "./ct-vectors.ts";
import { emptyRoot, Frontier, HASH_BYTES, hashesFromHex, leafHash, nodeHash } from "./tree.ts";

/** MTH of RFC 6962, 2.1, written down as the text has it. */
function naiveRoot(leaves: readonly Buffer[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return emptyRoot();
  if (leaves.length === 1) return only;
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split)));
}

describe("the tree of RFC 6962", () => {
  it("hashes the leaves of the Certificate Transparency vectors", () => {
    expect(ctEntries.map((entry) => leafHash(Buffer.from(entry, "hex")).toString("hex"))).toEqual(ctLeafHashes);
  });

  it("has the roots of the Certificate Transparency vectors", () => {
    const frontier = new Frontier();
    const roots = ctLeafHashes.map((leaf) => {
      frontier.append(hashesFromHex([leaf]));
      return frontier.root().toString("hex");
    });
    expect(roots).toEqual(ctRoots);
    expect(new Frontier().root().toString("hex")).toBe(
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    );
  });

  it("hashes an entry given as text as its UTF-8 bytes", () => {
    expect(leafHash("größe")).toEqual(leafHash(Buffer.from("größe")));
  });

  it("has the same root as the definition, however the leaves come in", () => {
    const hash = fc.uint8Array({ minLength: HASH_BYTES, maxLength: HASH_BYTES }).map((bytes) => Buffer.from(bytes));
    const batches = fc.array(fc.array(hash, { maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(batches, (parts) => {
        let frontier = new Frontier();
        for (const part of parts) {
          frontier = new Frontier(frontier.size, frontier.serialise());
          frontier.append(Buffer.concat(part));
        }
        const leaves = parts.flat();
        expect(frontier.size).toBe(leaves.length);
        expect(frontier.root()).toEqual(naiveRoot(leaves));
      }),
    );
  });

  it("reports every perfect subtree once, with its height, place and hash", () => {
    const leaves = hashesFromHex(ctLeafHashes);
    const seen = new Map<string, string>();
    new Frontier().append(leaves, (height, index, hash) => {
      expect(seen.has(`${height}/${index}`)).toBe(false);
      seen.set(`${height}/${index}`, hash.toString("hex"));
    });
    expect([...seen.keys()].sort()).toEqual(["1/0", "1/1", "1/2", "1/3", "2/0", "2/1", "3/0"]);
    expect(seen.get("3/0")).toBe(ctRoots[7]);
    expect(seen.get("2/0")).toBe(ctRoots[3]);
    expect(seen.get("1/0")).toBe(ctInclusionOf7[2]?.[1]);
  });

  it("refuses a frontier that does not fit its size", () => {
    expect(() => new Frontier(3, Buffer.alloc(32))).toThrow("2 perfect subtrees");
    expect(() => new Frontier(-1)).toThrow(RangeError);
    expect(() => new Frontier(0.5)).toThrow(RangeError);
    expect(() => new Frontier().append(Buffer.alloc(31))).toThrow("32 bytes each");
  });

  it("refuses leaf hashes that are not 64 hexadecimal digits", () => {
    const good = "00".repeat(32);
    expect(hashesFromHex([good, good])).toHaveLength(64);
    expect(() => hashesFromHex([good, "xyz"])).toThrow("Leaf hash 1");
    expect(() => hashesFromHex([`${good}00`])).toThrow("Leaf hash 0");
    expect(() => hashesFromHex(["00".repeat(31), "00".repeat(33)])).toThrow("Leaf hash 0");
  });
});
