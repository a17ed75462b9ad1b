/**
 * A text as it reads once what encodes it is undone, with the way back: where each of its characters stands in the text that is kept. A secret
 * may be in a mail in any of these forms, and in several at once: a link inside an HTML attribute of a quoted-printable part.
 */
export interface TextView {
  text: string;
  /** Start and end of each character in the original; undefined: the same places. */
  places?: { from: Int32Array; to: Int32Array } | undefined;
}

type Step = (view: TextView) => TextView;

const entities: Record<string, string> = {
  ...{
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
    nbsp: "\u00a0",
    equals: "=",
    colon: ":",
    sol: "/",
    quest: "?",
  },
  ...{ num: "#", percnt: "%", plus: "+", lowbar: "_", period: ".", comma: ",", commat: "@", hyphen: "-", dash: "-" },
};

// Each pattern has a look that is cheap and says whether there is anything to undo.
const quotedPrintableMark = /=[ \t]*\r?\n|=3D|(?:=[0-9a-f]{2}){2}/i;
const quotedPrintable = /(?:=[0-9a-fA-F]{2}|=[ \t]*\r?\n)+/g;
const percent = /(?:%[0-9a-fA-F]{2})+|\+/g;
const entity = /&(?:#[xX]([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,8}));?/g;
const tag = /<[^<>]*>|[\u00ad\u200b-\u200d\u2060\ufeff]/g;
const gap = /\s+/g;
const separators = /[\s\u00a0.·-]+/g;

const undoQuotedPrintable: Step = (view) =>
  quotedPrintableMark.test(view.text) ? replaced(view, quotedPrintable, bytesOf) : view;

const undoEntities: Step = (view) =>
  view.text.includes("&")
    ? replaced(view, entity, (whole, hex, decimal, name) => {
        const code = hex ? Number.parseInt(hex, 16) : decimal ? Number(decimal) : -1;
        const char =
          name === undefined ? (code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined) : entities[name];
        return char === undefined ? undefined : [{ char, length: whole.length }];
      })
    : view;

const undoPercent: Step = (view) =>
  /%[0-9a-fA-F]{2}/.test(view.text)
    ? replaced(view, percent, (run) => (run === "+" ? [{ char: " ", length: 1 }] : bytesOf(run)))
    : view;

const dropTags: Step = (view) =>
  /[<\u00ad\u200b-\u200d\u2060\ufeff]/.test(view.text) ? replaced(view, tag, () => []) : view;

const squeezeGaps: Step = (view) =>
  /\s\s|[\t\r\n\u00a0]/.test(view.text) ? replaced(view, gap, (run) => [{ char: " ", length: run.length }]) : view;

const dropSeparators: Step = (view) => replaced(view, separators, () => []);

/** Every form in which a text may hold a secret, each once. `gaps`: secrets with spaces in them are looked for too. */
export function viewsOf(text: string, gaps: boolean): TextView[] {
  let views: TextView[] = [{ text }];
  const also = (step: Step) => {
    views = views.flatMap((view) => {
      const next = step(view);
      return next === view ? [view] : [view, next];
    });
  };
  also(undoQuotedPrintable);
  also(dropTags);
  also(undoEntities);
  also(undoPercent);
  // A link within a link is encoded twice.
  if (text.includes("%25")) also(undoPercent);
  return gaps ? views.map(squeezeGaps) : views;
}

/** The text without anything between its letters and digits, for codes that are written in groups or boxes. */
export function compactView(text: string): TextView {
  return dropSeparators(undoEntities(dropTags(undoQuotedPrintable({ text }))));
}

/** What a reader sees of HTML, roughly: tags are spaces, entities are undone. */
export function readable(html: string): string {
  return undoEntities({ text: html.replace(/<[^<>]*>/g, " ") }).text;
}

/** A secret as it reads once what encodes it is undone: callers give links as they stand in a mail, or as they are meant. */
export function plainForms(secret: string): string[] {
  const steps = [undoEntities, undoPercent, undoQuotedPrintable];
  return [...new Set([secret, ...steps.map((step) => step({ text: secret }).text)])];
}

interface Piece {
  char: string;
  /** How long it is where it is encoded. */
  length: number;
}

/**
 * `=C3=A9` or `%C3%A9` as the characters that its bytes are in UTF-8; bytes that are none stand for themselves. A break of the line may be in
 * the middle of a character: it belongs to the byte before it.
 */
function bytesOf(run: string): Piece[] {
  const bytes: { byte: number; length: number }[] = [];
  for (const [token, hex] of run.matchAll(/[=%]([0-9a-fA-F]{2})|=[ \t]*\r?\n/g)) {
    const last = bytes.at(-1);
    if (hex !== undefined) bytes.push({ byte: Number.parseInt(hex, 16), length: token.length });
    else if (last !== undefined) last.length += token.length;
    else bytes.push({ byte: -1, length: token.length });
  }
  const pieces: Piece[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at]?.byte as number;
    const wanted = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    const some = bytes.slice(at, at + wanted);
    const whole = some.length === wanted && some.slice(1).every(({ byte }) => (byte & 0xc0) === 0x80);
    const used = some.slice(0, whole ? wanted : 1);
    const char = Buffer.from(used.map(({ byte }) => byte)).toString(whole && wanted > 1 ? "utf8" : "latin1");
    pieces.push({ char: first === -1 ? "" : char, length: used.reduce((sum, { length }) => sum + length, 0) });
    at += used.length;
  }
  return pieces;
}

/** The view with each match replaced by pieces; undefined leaves it. */
function replaced(
  view: TextView,
  pattern: RegExp,
  by: (whole: string, ...groups: (string | undefined)[]) => Piece[] | undefined,
): TextView {
  const { text, places } = view;
  const from = new Int32Array(text.length);
  const to = new Int32Array(text.length);
  const parts: string[] = [];
  let length = 0;
  let done = 0;
  const add = (chars: string, start: number, end: number) => {
    for (let unit = 0; unit < chars.length; unit++) {
      from[length] = places === undefined ? start : (places.from[start] as number);
      to[length] = places === undefined ? end : (places.to[end - 1] as number);
      length++;
    }
  };
  const keep = (until: number) => {
    if (until === done) return;
    parts.push(text.slice(done, until));
    for (let at = done; at < until; at++) add(" ", at, at + 1);
  };
  for (const match of text.matchAll(pattern)) {
    const pieces = by(match[0], ...match.slice(1));
    if (pieces === undefined) continue;
    keep(match.index);
    let at = match.index;
    for (const piece of pieces) {
      parts.push(piece.char);
      add(piece.char, at, at + piece.length);
      at += piece.length;
    }
    done = match.index + match[0].length;
  }
  if (done === 0) return view;
  keep(text.length);
  return { text: parts.join(""), places: { from: from.subarray(0, length), to: to.subarray(0, length) } };
}
