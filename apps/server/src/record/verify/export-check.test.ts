import { sampleEvent } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import { eraseGroups } from "../erasure.ts";
import { type EventRow, toEvent } from "../event-row.ts";
import { signCheckpoint } from "../merkle/checkpoint.ts";
import { noteSigner } from "../merkle/note.ts";
import { type HashReader, makeInclusionProof } from "../merkle/proof.ts";
import { HASH_BYTES, hashesFromHex, rootOf } from "../merkle/tree.ts";
import { checkExport, type ExportResult } from "./export-check.ts";
import { rowFromEvent } from "./export-row.ts";

const SIZE = 300;
const signer = noteSigner("daybook/0badcafe/main", Buffer.alloc(32, 3));
const stranger = noteSigner("daybook/0badcafe/main", Buffer.alloc(32, 4));
const rows = Array.from({ length: SIZE }, (_, index) => ({ ...sampleEvent(index).row, seq: index + 1 }));
const hashes = Array.from({ length: SIZE }, (_, index) => sampleEvent(index).leafHash);
const leaves = hashesFromHex(hashes);
const checkpoint = signCheckpoint({ origin: signer.name, size: SIZE, root: rootOf(leaves), extensions: [] }, [signer]);

/** A line as an export has it. */
function line(row: EventRow, more: object = {}): string {
  const leafHash = hashes[row.seq - 1];
  return JSON.stringify({
    ...toEvent(row),
    leafHash,
    proof: { workspace: "main", leafHash, salts: row.salts, ...more },
  });
}

async function check(lines: string[], keys = [signer], note = checkpoint): Promise<ExportResult> {
  async function* source(): AsyncGenerator<string> {
    yield* lines;
  }
  return checkExport(source(), { checkpoint: note, keys });
}

const all = rows.map((row) => line(row));

describe("verifying an export without a database", () => {
  it("gives back the row of every event, whatever it has", () => {
    for (const row of rows) {
      expect(rowFromEvent(JSON.parse(JSON.stringify(toEvent(row))), row.salts)).toEqual({ ...row, terms: [] });
    }
  });

  it("rebuilds the whole log from an export in any order and compares it with the checkpoint", async () => {
    const shuffled = [...all].sort((one, other) => (one.slice(40, 60) < other.slice(40, 60) ? -1 : 1));
    const array = ["[", ...all.map((text, place) => (place < SIZE - 1 ? `${text},` : text)), "]", ""];
    for (const lines of [all, [...all].reverse(), shuffled, array]) {
      const result = await check(lines);
      expect(result).toEqual({
        ok: true,
        size: SIZE,
        root: rootOf(leaves).toString("hex"),
        events: SIZE,
        proven: SIZE,
        whole: true,
        signedBy: [`${signer.name}+${signer.keyId}`],
        remarks: [],
      });
    }
  });

  it("names an event whose values were changed", async () => {
    const forged = { ...(rows[41] as EventRow), actorName: "Somebody Else" };
    const result = await check(all.with(41, line(forged)));
    expect(result).toMatchObject({ ok: false, firstFault: { seq: 42, kind: "changed" } });
  });

  it("is not fooled by an export whose leaf hashes were changed as well", async () => {
    const forged = sampleEvent(41, "main", { actorName: "Somebody Else" });
    const result = await check(all.with(41, line({ ...forged.row, seq: 42 }, { leafHash: forged.leafHash })));
    expect(result).toMatchObject({ ok: false, whole: false, firstFault: { seq: null, kind: "checkpoint" } });
  });

  it("says what a partial export does not prove", async () => {
    const result = await check(all.slice(100, 110));
    expect(result).toMatchObject({ ok: false, whole: false, events: 10, proven: 0 });
    expect(result.firstFault).toBeUndefined();
    expect(result.remarks).toEqual([expect.stringContaining("10 events (events 101 to 110) could not be proven")]);
    expect((await check(all.toSpliced(100, 1))).remarks[0]).toContain("299 events (events 1 to 300)");
  });

  it("proves the events of a partial export that bring their inclusion proofs", async () => {
    const read: HashReader = async (level, start, count) => {
      if (level === 0) return leaves.subarray(start * HASH_BYTES, (start + count) * HASH_BYTES);
      return rootOf(leaves.subarray(0, 256 * HASH_BYTES));
    };
    const proven = await Promise.all(
      [7, 255, 299].map(async (index) => {
        const proof = (await makeInclusionProof(read, index, SIZE)).map((hash) => hash.toString("hex"));
        return line(rows[index] as EventRow, { size: SIZE, proof });
      }),
    );
    expect(await check(proven)).toMatchObject({ ok: true, whole: false, events: 3, proven: 3, remarks: [] });
    const elsewhere = line(rows[8] as EventRow, JSON.parse(proven[0] ?? "").proof);
    expect(await check([...proven, elsewhere])).toMatchObject({ ok: false, firstFault: { seq: 9, kind: "changed" } });
  });

  it("says that later events are not covered by the checkpoint", async () => {
    const extra = sampleEvent(SIZE);
    const late = line({ ...extra.row, seq: SIZE + 1 }, { leafHash: extra.leafHash });
    const result = await check([...all, late]);
    expect(result).toMatchObject({ ok: true, whole: true, events: SIZE + 1, proven: SIZE });
    expect(result.remarks[0]).toContain("came after the checkpoint");
  });

  it("takes an export that is older than the checkpoint only by an earlier one that is kept here", async () => {
    const note = (size: number, by = signer): string =>
      signCheckpoint(
        { origin: signer.name, size, root: rootOf(leaves.subarray(0, size * HASH_BYTES)), extensions: [] },
        [by],
      );
    const older = async (...notes: string[]): Promise<ExportResult> => {
      async function* from(list: string[]): AsyncGenerator<string> {
        yield* list;
      }
      return checkExport(from(all.slice(0, 200)), { checkpoint, keys: [signer], kept: from(notes) });
    };
    const kept = await older(note(100), note(200), checkpoint);
    expect(kept).toMatchObject({ ok: true, whole: true, events: 200, proven: 200 });
    expect(kept.remarks).toEqual([expect.stringContaining("by an earlier checkpoint that is kept here")]);
    const unproven = { ok: false, whole: false, proven: 0, remarks: [expect.stringContaining("before the export")] };
    expect(await older(note(200))).toMatchObject(unproven);
    expect(await older(checkpoint, note(199))).toMatchObject(unproven);
    expect(await older(checkpoint, note(200, stranger))).toMatchObject(unproven);
    expect(await older("nonsense", checkpoint)).toMatchObject(unproven);
  });

  it("checks the signature of the checkpoint when it is given a key", async () => {
    expect(await check(all, [])).toMatchObject({ ok: true, signedBy: [], remarks: [expect.stringContaining("--key")] });
    expect(await check(all, [stranger])).toMatchObject({ ok: false, firstFault: { kind: "checkpoint" } });
    const forged = checkpoint.replace(`\n${SIZE}\n`, `\n${SIZE - 1}\n`);
    const result = await check(all, [signer], forged);
    expect(result.firstFault?.what).toContain("not authentic");
  });

  it("takes an event from which something was erased", async () => {
    const erased = eraseGroups(rows[9] as EventRow, ["who", "summary"]);
    expect(await check(all.with(9, line(erased)))).toMatchObject({ ok: true, whole: true });
    const filled = { ...erased, actorName: "Somebody Else" };
    expect(await check(all.with(9, line(filled)))).toMatchObject({ firstFault: { seq: 10, kind: "changed" } });
  });

  it("finds members that were added beside those of the leaf", async () => {
    const added = JSON.stringify({ ...JSON.parse(all[2] ?? ""), note: "seen by nobody" });
    expect((await check(all.with(2, added))).firstFault).toMatchObject({ seq: 3, kind: "changed" });
    const inside = (all[1] ?? "").replace('"actor":{', '"actor":{"role":"owner",');
    expect((await check(all.with(1, inside))).firstFault).toMatchObject({ seq: 2, kind: "column" });
  });

  it("names lines that are no events, twice there, or of another workspace", async () => {
    expect((await check(all.with(4, "{"))).firstFault?.what).toContain("Line 5 is not an exported event");
    expect((await check([...all, all[2] ?? ""])).firstFault).toMatchObject({ seq: 3, kind: "duplicate" });
    const other = (all[2] ?? "").replace('"workspace":"main"', '"workspace":"demo"');
    expect((await check(all.with(2, other))).firstFault?.what).toContain("of the workspace demo");
    expect(await check([])).toMatchObject({ ok: false, events: 0 });
  });
});
