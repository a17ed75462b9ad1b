/** How a piece of a line looks. Colours are `#rrggbb`, or a number of the palette's first 16, which each theme has its own shades of. */
export interface Look {
  fg?: number | `#${string}`;
  bg?: number | `#${string}`;
  bold?: true;
  dim?: true;
  italic?: true;
  underline?: true;
  strike?: true;
  inverse?: true;
}

export interface Piece {
  text: string;
  look: Look;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC begins a control sequence
const sequence = /\u001b\[([\d;:]*)m/g;
const plainLook: Look = {};

/** The text without its colours: what is searched and copied. */
export function plainText(text: string): string {
  return text.includes("\u001b") ? text.replace(sequence, "") : text;
}

/**
 * Cuts a line at its changes of colour (SGR of ECMA-48; 256 and true colours as in ISO 8613-6, with colons or semicolons). Each line stands
 * for itself: what a line before it left switched on does not count, so that a line can be drawn without those before it.
 */
export function piecesOf(line: string): Piece[] {
  if (!line.includes("\u001b")) return line === "" ? [] : [{ text: line, look: plainLook }];
  const pieces: Piece[] = [];
  let look = plainLook;
  let at = 0;
  for (const found of line.matchAll(sequence)) {
    if (found.index > at) pieces.push({ text: line.slice(at, found.index), look });
    look = changed(look, found[1] ?? "");
    at = found.index + found[0].length;
  }
  if (at < line.length) pieces.push({ text: line.slice(at), look });
  return pieces;
}

const switches: Record<number, Partial<Look>> = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { underline: true },
};
const ends: Record<number, (keyof Look)[]> = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
  27: ["inverse"],
  29: ["strike"],
  39: ["fg"],
  49: ["bg"],
};

function changed(before: Look, parameters: string): Look {
  if (parameters === "" || parameters === "0") return plainLook;
  let look: Look = { ...before };
  const groups = parameters.split(";");
  for (let at = 0; at < groups.length; at++) {
    const parts = (groups[at] ?? "").split(":").map(Number);
    const [code = 0] = parts;
    if (code === 0) look = {};
    else if (code === 38 || code === 48) {
      // With colons the colour is in the group itself, perhaps with a colour space; with semicolons it is in the groups behind.
      const rest = parts.length > 1 ? colonColour(parts) : groups.slice(at + 1).map(Number);
      const colour = colourOf(rest);
      if (colour !== undefined) look[code === 38 ? "fg" : "bg"] = colour;
      if (parts.length === 1) at += rest[0] === 5 ? 2 : rest[0] === 2 ? 4 : 0;
    } else if (switches[code]) Object.assign(look, switches[code]);
    else if (ends[code]) for (const name of ends[code]) delete look[name];
    else if (code >= 30 && code <= 37) look.fg = code - 30;
    else if (code >= 90 && code <= 97) look.fg = code - 82;
    else if (code >= 40 && code <= 47) look.bg = code - 40;
    else if (code >= 100 && code <= 107) look.bg = code - 92;
  }
  return look;
}

/** 38:2:<space>:r:g:b and 38:2:r:g:b are both written. */
function colonColour([, kind = 0, ...rest]: number[]): number[] {
  return [kind, ...(kind === 2 && rest.length > 3 ? rest.slice(1) : rest)];
}

function colourOf([kind, ...values]: number[]): Look["fg"] {
  const [a = 0, b = 0, c = 0] = values;
  if (kind === 2) return hexOf(a, b, c);
  if (kind !== 5 || !(a >= 0 && a <= 255)) return undefined;
  if (a < 16) return a;
  if (a >= 232) return hexOf(8 + (a - 232) * 10, 8 + (a - 232) * 10, 8 + (a - 232) * 10);
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  return hexOf(step(Math.floor((a - 16) / 36)), step(Math.floor((a - 16) / 6) % 6), step((a - 16) % 6));
}

function hexOf(...channels: number[]): `#${string}` {
  return `#${channels
    .map((value) =>
      Math.max(0, Math.min(255, value || 0))
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}

/** The pieces cut further at what a search found, so that it can be marked. `word` is in lower case. */
export function markedPieces(pieces: readonly Piece[], word: string): (Piece & { found?: true })[] {
  if (word === "") return [...pieces];
  const plain = pieces
    .map((piece) => piece.text)
    .join("")
    .toLowerCase();
  const cut: (Piece & { found?: true })[] = [];
  let start = 0;
  for (const { text, look } of pieces) {
    const end = start + text.length;
    let at = start;
    while (at < end) {
      // A match that began in the piece before goes on in this one.
      const match = plain.indexOf(word, Math.max(0, at - word.length + 1));
      const from = match < 0 ? end : Math.min(end, Math.max(at, match));
      if (from > at) cut.push({ text: text.slice(at - start, from - start), look });
      const to = match < 0 ? end : Math.min(end, match + word.length);
      if (to > from) cut.push({ text: text.slice(from - start, to - start), look, found: true });
      at = Math.max(to, from, at + (match >= 0 && to <= at ? 1 : 0));
    }
    start = end;
  }
  return cut;
}
