/** One word of a query as it stands in the search box, whether or not it is finished. */
export interface Word {
  start: number;
  end: number;
  negated: boolean;
  /** Where the key ends and the values begin; equal to `start` (plus the minus) for a bare word. */
  valueStart: number;
  /** In lower case; empty for a bare word. With the path for `details.path`. */
  key: string;
  operator: string;
}

const keyStart = /([A-Za-z][A-Za-z_]*(?:\.(?:"(?:[^"\\]|\\[\s\S])*"|[^\s":<>=,*"])*)?)(>=|<=|:|=|>|<)/y;

/** Cuts a text into words the way the parser does, but goes on where the parser would stop: the text is being typed. */
export function wordsOf(text: string): Word[] {
  const words: Word[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] ?? "")) {
      at++;
      continue;
    }
    const word = wordAt(text, at);
    words.push(word);
    at = word.end;
  }
  return words;
}

function wordAt(text: string, start: number): Word {
  const next = text[start + 1];
  const negated = text[start] === "-" && next !== undefined && !/\s/.test(next);
  const at = negated ? start + 1 : start;
  keyStart.lastIndex = at;
  const found = keyStart.exec(text);
  const valueStart = found ? at + found[0].length : at;
  return {
    start,
    end: wordEnd(text, valueStart),
    negated,
    valueStart,
    key: found?.[1]?.toLowerCase() ?? "",
    operator: found?.[2] === "=" ? ":" : (found?.[2] ?? ""),
  };
}

function wordEnd(text: string, start: number): number {
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? "";
    if (quoted && character === "\\") at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(character)) return at;
  }
  return text.length;
}

/** The values of a word as they are typed, split at the commas outside quotes, with their places. */
export function valuesOf(text: string, word: Word): { start: number; end: number; text: string }[] {
  const values: { start: number; end: number; text: string }[] = [];
  let quoted = false;
  let start = word.valueStart;
  for (let at = word.valueStart; at <= word.end; at++) {
    const character = text[at] ?? "";
    if (at < word.end && quoted && character === "\\") {
      at++;
      continue;
    }
    if (character === '"' && at < word.end) quoted = !quoted;
    if (at === word.end || (character === "," && !quoted && word.key !== "")) {
      values.push({ start, end: at, text: unquoted(text.slice(start, at)) });
      start = at + 1;
    }
  }
  return values;
}

/** A value as it has to be typed: in quotes where it holds something that means something. */
export function quotedValue(value: string): string {
  if (value !== "" && !/[\s,"*\\]/.test(value)) return value;
  return `"${value.replace(/(["\\])/g, "\\$1")}"`;
}

function unquoted(text: string): string {
  return text.replace(/"((?:[^"\\]|\\[\s\S])*)"?/g, (_, inner: string) => inner.replace(/\\(["\\])/g, "$1"));
}

/** How a query treats a value: asks for it, excludes it, or says nothing of it. */
export function stateOf(text: string, key: string, value: string): "only" | "not" | "none" {
  const found = findWord(text, key, value);
  if (!found) return "none";
  return found.word.negated ? "not" : "only";
}

/** The query with a value asked for or excluded; a second time takes it out again. */
export function toggled(text: string, key: string, value: string, negate: boolean): string {
  const found = findWord(text, key, value);
  if (!found) return joined(text, `${negate ? "-" : ""}${key}:${quotedValue(value)}`);
  const without = withoutValue(text, found.word, found.value);
  return found.word.negated === negate ? without : joined(without, `${negate ? "-" : ""}${key}:${quotedValue(value)}`);
}

export function term(key: string, value: string): string {
  return `${key}:${quotedValue(value)}`;
}

function findWord(text: string, key: string, value: string) {
  const wanted = value.toLowerCase();
  for (const word of wordsOf(text)) {
    if (word.key !== key || word.operator !== ":") continue;
    const found = valuesOf(text, word).find((each) => each.text.toLowerCase() === wanted);
    if (found) return { word, value: found };
  }
  return null;
}

function withoutValue(text: string, word: Word, value: { start: number; end: number }): string {
  const others = valuesOf(text, word).filter((each) => each.start !== value.start);
  const replacement =
    others.length === 0
      ? ""
      : text.slice(word.start, word.valueStart) + others.map((each) => text.slice(each.start, each.end)).join(",");
  return [text.slice(0, word.start).trim(), replacement, text.slice(word.end).trim()].filter(Boolean).join(" ");
}

function joined(text: string, term: string): string {
  return [text.trim(), term].filter(Boolean).join(" ");
}
