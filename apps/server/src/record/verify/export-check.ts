/** Verification of exported events against a checkpoint, without a database. */
import { type Event, eventSchema } from "@daybook/contract";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import { erasureFault } from "../erasure.ts";
import { toEvent } from "../event-row.ts";
import { leafHashOf } from "../leaf.ts";
import { parseCheckpoint } from "../merkle/checkpoint.ts";
import { NoteError, type NoteVerifier, verifyNote } from "../merkle/note.ts";
import { inclusionHolds } from "../merkle/proof.ts";
import { rowFromEvent } from "./export-row.ts";
import { eventsText, firstOf, type VerifyFault } from "./fault.ts";
import { LeafPile } from "./leaf-pile.ts";

/** Progress is told after so many events. */
const PROGRESS_EVENTS = 5_000;
/** With more faults than this the export is of something else; the first are enough. */
const FAULTS_MAX = 1_000;

const hash = z.string().regex(/^[0-9a-f]{64}$/);

/**
 * One line of an export: an event and what its leaf is made of. An inclusion proof (`size`, `proof`) may come with it, as
 * `GET /events/:id` gives it, for events that are not the whole log.
 */
const lineSchema = z.object({
  ...eventSchema.shape,
  seq: z.number().int().min(1),
  proof: z.object({
    workspace: z.string(),
    salts: z.string().regex(/^([0-9a-f]{2})+$/),
    leafHash: hash,
    size: z.number().int().optional(),
    proof: z.array(hash).optional(),
  }),
});

export interface ExportResult {
  /** No fault, and the export is proven: each event by itself, or all as the whole log of the checkpoint. */
  ok: boolean;
  /** Events and root (hex) that the checkpoint says. */
  size: number;
  root: string;
  /** Events read. */
  events: number;
  /** Events that are proven to be in the log that the checkpoint signs. */
  proven: number;
  /** The export is the whole log of the checkpoint, or of an earlier one kept here: nothing is missing. */
  whole: boolean;
  /** Verifier keys by name and id whose signature on the checkpoint is right. */
  signedBy: string[];
  firstFault?: VerifyFault;
  remarks: string[];
}

export interface ExportCheckOptions {
  /** The signed note. */
  checkpoint: string;
  /** Keys to check its signature with; none: it is not checked. */
  keys: readonly NoteVerifier[];
  /** Checkpoints kept on this machine, for an export that is older than the given one. */
  kept?: AsyncIterable<string>;
  onProgress?: (events: number) => void;
}

/**
 * Checks exported lines (NDJSON, in any order).
 *  1. Check the checkpoint's signature.
 *  2. Recompute the leaf of every event from its values and salts.
 *  3. When they are the whole log, rebuild the tree and compare its root; else check each event's inclusion proof.
 * @throws NoteError when the checkpoint is none.
 */
export async function checkExport(lines: AsyncIterable<string>, options: ExportCheckOptions): Promise<ExportResult> {
  const { origin, size, root, note } = parseCheckpoint(options.checkpoint);
  const faults: VerifyFault[] = [];
  const remarks: string[] = [];
  const signedBy = signersOf(note, origin, options.keys, faults, remarks);
  const pile = new LeafPile(size);
  const workspace = origin.slice(origin.lastIndexOf("/") + 1);
  /** Events without an inclusion proof: in the log of the checkpoint by their seq, and later ones. */
  const [open, later] = [new Span(), new Span()];
  let events = 0;
  let included = 0;
  let number = 0;
  for await (const line of lines) {
    number++;
    // A JSON export is the same lines in brackets, with commas between.
    if (/^\s*[[\]]?\s*$/.test(line)) continue;
    const checked = checkLine(line, number, workspace, { size, root });
    events++;
    if (events % PROGRESS_EVENTS === 0) options.onProgress?.(events);
    if ("fault" in checked) faults.push(checked.fault);
    else if (!pile.add(checked.seq, checked.leaf)) {
      faults.push({ seq: checked.seq, kind: "duplicate", what: `Event ${checked.seq} is in the export twice.` });
    } else if (checked.included) included++;
    else (checked.seq <= size ? open : later).add(checked.seq);
    if (faults.length > FAULTS_MAX) break;
  }
  const rebuilt = pile.root?.equals(root) ?? false;
  if (pile.root !== undefined && !rebuilt) {
    const what = `The export rebuilds another root than the checkpoint of ${size} events has: events were changed together with their leaf hashes.`;
    faults.push({ seq: null, kind: "checkpoint", what });
  }
  const earlier = !rebuilt && open.count > 0 && pile.size === events && (await isKept(options, pile, origin));
  const whole = rebuilt || earlier;
  if (earlier) {
    const advice = "To prove it elsewhere, take the checkpoint before the export.";
    remarks.push(
      `The export is the whole log of ${pile.size} events by an earlier checkpoint that is kept here, not by the given one of ${size}. ${advice}`,
    );
  } else if (!whole && open.count > 0) {
    const reason = `the export is not the whole log of ${size} events and has no inclusion proof for them in that log`;
    const advice = pile.size === events && events < size ? " Take the checkpoint before the export." : "";
    remarks.push(
      `${open.text()} could not be proven: ${reason}. Their values fit their leaf hashes, no more.${advice}`,
    );
  }
  if (later.count > 0) remarks.push(`${later.text()} came after the checkpoint, so it says nothing about them.`);
  const proven = included + (whole ? open.count : 0);
  const firstFault = firstOf(faults);
  const ok = firstFault === undefined && events > 0 && (whole || proven === events);
  const result = { ok, size, root: root.toString("hex"), events, proven, whole, signedBy, remarks };
  return firstFault === undefined ? result : { ...result, firstFault };
}

/**
 * Whether the events are the whole log of a checkpoint that is kept on this machine, beside the given one. Elsewhere there is
 * none, and then the given one alone counts: a forged export must not bring its own witness.
 */
async function isKept(options: ExportCheckOptions, pile: LeafPile, origin: string): Promise<boolean> {
  let [rebuilt, given] = [false, false];
  for await (const note of options.kept ?? []) {
    if (note === options.checkpoint) given = true;
    try {
      const checkpoint = parseCheckpoint(note);
      if (checkpoint.size !== pile.size || checkpoint.origin !== origin) continue;
      if (options.keys.length > 0) verifyNote(checkpoint.note, options.keys);
      if (checkpoint.root.equals(pile.rootSoFar)) rebuilt = true;
    } catch {
      // Not a checkpoint of ours.
    }
  }
  return rebuilt && given;
}

interface Tree {
  size: number;
  root: Buffer;
}

type CheckedLine = { seq: number; leaf: Buffer; included: boolean } | { fault: VerifyFault };

function checkLine(line: string, number: number, workspace: string, tree: Tree): CheckedLine {
  const json = parseJson(line.replace(/,\s*$/, ""));
  const parsed = lineSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const what = `Line ${number} is not an exported event with its proof: ${issue?.path.join(".") ?? ""} ${issue?.message ?? ""}.`;
    const said = (json as { seq?: unknown } | undefined)?.seq;
    return { fault: { seq: Number.isSafeInteger(said) ? (said as number) : null, kind: "column", what } };
  }
  const { seq, proof } = parsed.data;
  const own = proof.workspace;
  const changed = (what: string): CheckedLine => ({ fault: { seq, kind: "changed", what } });
  if (own !== workspace) return changed(`Event ${seq} is of the workspace ${own}, the checkpoint of ${workspace}.`);
  // The event as it was read, not the parsed copy; and nothing in it may lie outside of the leaf.
  const row = rowFromEvent(json as Event, proof.salts);
  const erased = erasureFault(row);
  if (erased !== undefined) return changed(`Event ${seq}: ${erased}.`);
  const leaf = leafHashOf(row, own);
  if (leaf !== proof.leafHash) {
    return changed(
      `Event ${seq} is not what was logged: its values do not give the leaf hash that was exported with it.`,
    );
  }
  const { proof: _, leafHash: __, ...told } = json as Event & { proof: unknown };
  if (canonicalJson(told) !== canonicalJson(toEvent(row))) {
    return changed(`Event ${seq} has members, or times in a form, that are not part of what was logged.`);
  }
  const bytes = Buffer.from(leaf, "hex");
  if (proof.proof === undefined || proof.size !== tree.size) return { seq, leaf: bytes, included: false };
  const path = proof.proof.map((text) => Buffer.from(text, "hex"));
  if (inclusionHolds(bytes, seq - 1, tree.size, path, tree.root)) return { seq, leaf: bytes, included: true };
  return changed(`Event ${seq} is not in the log of the checkpoint: its inclusion proof leads to another root.`);
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function signersOf(
  note: Parameters<typeof verifyNote>[0],
  origin: string,
  keys: readonly NoteVerifier[],
  faults: VerifyFault[],
  remarks: string[],
): string[] {
  if (keys.length === 0) {
    remarks.push("The signature of the checkpoint was not checked: give the verifier key with --key.");
    return [];
  }
  try {
    const signed = verifyNote(note, keys);
    if (signed.some((key) => key.name === origin)) return signed.map((key) => `${key.name}+${key.keyId}`);
    throw new NoteError(`It is signed as ${signed[0]?.name}, but is a checkpoint of ${origin}.`);
  } catch (error) {
    const what = `The checkpoint is not authentic: ${(error as Error).message}`;
    faults.push({ seq: null, kind: "checkpoint", what });
    return [];
  }
}

/** Some events, told by the first, the last and how many. */
class Span {
  count = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = 0;

  add(seq: number): void {
    this.count++;
    this.#first = Math.min(this.#first, seq);
    this.#last = Math.max(this.#last, seq);
  }

  text(): string {
    return `${this.count} events (${eventsText(this.#first, this.#last)})`;
  }
}
