import { redacted, taskLimits } from "@daybook/contract";
import type { RedactionRules } from "../../record/redaction-rules.ts";
import { RedactionRun } from "../../record/redaction-run.ts";

const ESC = "\u001b";
/** A colour or weight of ECMA-48 (SGR), the only control sequence that is kept: all others move, erase, link or report. */
const sgr = `${ESC}\\[[\\d;:]*m`;
const colour = new RegExp(sgr, "g");
const onlyColour = new RegExp(`^${sgr}$`);
const openColour = new RegExp(`${ESC}[^m]{0,32}$`);

/** C0 but tab and line feed, DEL, C1. */
const controls = "\u0000-\u0008\u000b-\u001f\u007f-\u009f";
const hasControl = new RegExp(`[${controls}]`);
/**
 * What a terminal does not print: CSI; OSC, DCS and other strings, which end with BEL, ST or the text; escapes of two characters; control
 * characters.
 */
const control = new RegExp(
  [
    `(?:${ESC}\\[|\u009b)[\\x30-\\x3f]*[\\x20-\\x2f]*[\\x40-\\x7e]?`,
    `(?:${ESC}[\\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007${ESC}\u009c]*(?:\u0007|${ESC}\\\\|\u009c|(?=${ESC})|$)`,
    `${ESC}[\\x20-\\x2f]*[\\x30-\\x7e]?`,
    `[${controls}]`,
  ].join("|"),
  "g",
);

/** A line of a private key in PEM or OpenSSH form, perhaps indented or behind a prefix: it looks like nothing else does. */
const keyBody = /^[^A-Za-z0-9+/]{0,16}[A-Za-z0-9+/]{40,80}={0,2}[^A-Za-z0-9+/]{0,8}$/;
const keyBegins = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY/;
const keyEnds = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY/;
/** The last line of a key is shorter than the others. */
const keyRest = /^\s{0,16}[A-Za-z0-9+/]{1,80}={0,2}\s{0,8}$/;
/** A key of 16,384 bits has some 200 lines; whatever comes later is output again. */
const KEY_LINES_MAX = 300;

/** The text without colours. */
export const plainText = (text: string): string => (text.includes(ESC) ? text.replace(colour, "") : text);

/** Applies a change to the text as it is read, colours apart; they stay where the change leaves the text alone. */
export function overColours(text: string, change: (plain: string) => string): string {
  const plain = plainText(text);
  const changed = change(plain);
  if (changed === plain) return text;
  if (plain === text) return changed;
  // A secret may be coloured in its middle: then the line loses its colours rather than its secret its cover.
  const coloured = change(text);
  return plainText(coloured) === changed ? coloured : changed;
}

/** The lines of a text: cut at line breaks, each as a terminal would show it. What a carriage return overwrote is left out. */
export function splitLines(text: string): string[] {
  const ended = text.endsWith("\n") ? text.slice(0, -1) : text;
  return ended.split("\n").map(shownLine);
}

function shownLine(line: string): string {
  if (!hasControl.test(line)) return line.toWellFormed();
  const written = line.replace(/\r+$/, "");
  const shown = written.slice(written.lastIndexOf("\r") + 1);
  return shown.replace(control, (sequence) => (onlyColour.test(sequence) ? sequence : "")).toWellFormed();
}

/** Takes secrets out of lines that follow each other, and cuts those that are too long. One for a batch. */
export class LineCleaner {
  readonly #run: RedactionRun;
  /** Lines of a private key that may still come. */
  #keyLines: number;

  /** `inKey`: the line before the first one may have been part of a private key. */
  constructor(rules: RedactionRules, inKey: boolean) {
    this.#run = new RedactionRun(rules, []);
    this.#keyLines = inKey ? KEY_LINES_MAX : 0;
  }

  /** How often each rule struck. */
  get counts(): ReadonlyMap<string, number> {
    return this.#run.counts ?? new Map();
  }

  clean(text: string): string {
    if (this.#keyLines > 0 && this.#isOfKey(text)) return redacted;
    if (text.includes("-----BEGIN") && keyBegins.test(plainText(text)) && !keyEnds.test(plainText(text)))
      this.#keyLines = KEY_LINES_MAX;
    return cutLine(overColours(text, (plain) => this.#run.part("text", plain) as string));
  }

  #isOfKey(text: string): boolean {
    const plain = plainText(text);
    this.#keyLines--;
    if (keyEnds.test(plain)) this.#keyLines = 0;
    if (keyBody.test(plain) || keyRest.test(plain)) {
      this.#run.count("private_key");
      return true;
    }
    return false;
  }
}

/** Whether a text may be the continuation of a private key whose beginning was in an earlier batch. */
export const mayContinueKey = (text: string): boolean => keyBody.test(plainText(text)) || keyEnds.test(text);

function cutLine(text: string): string {
  if (text.length <= taskLimits.lineLengthMax) return text;
  const mark = (left: number): string => `… [${left.toLocaleString("en")} characters cut]`;
  const room = taskLimits.lineLengthMax - mark(text.length).length;
  // Neither half a character nor half a colour at the end.
  const kept = text
    .slice(0, room)
    .replace(/[\ud800-\udbff]$/, "")
    .replace(openColour, "");
  return kept + mark(text.length - kept.length);
}
