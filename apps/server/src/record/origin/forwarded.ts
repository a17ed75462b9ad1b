/**
 * The hops of a proxy header from the right, i.e. from the proxy nearest to us to what the client may have made up.
 * Both are read lazily: whatever stands to the left of the hop that decides is never looked at, so a forged left part,
 * an unbalanced quote included, cannot change how the right part is read.
 */

/** `X-Forwarded-For`: a comma list of addresses, with or without port. Empty elements are skipped (RFC 9110 5.6.1). */
export function* xForwardedForFromRight(header: string): Generator<string> {
  let end = header.length;
  while (end >= 0) {
    const comma = end === 0 ? -1 : header.lastIndexOf(",", end - 1);
    const hop = header.slice(comma + 1, end).trim();
    if (hop !== "") yield hop;
    end = comma;
  }
}

/**
 * `Forwarded` (RFC 7239): the `for` of each element, unquoted; null where an element has none, has two, or is malformed.
 * An obfuscated identifier (`_hidden`) and `unknown` are yielded as they are: they are no address.
 */
export function* forwardedForFromRight(header: string): Generator<string | null> {
  for (const element of elementsFromRight(header)) yield forOf(element);
}

/** Splits at commas outside quoted strings, from the right. */
function* elementsFromRight(header: string): Generator<string> {
  let end = header.length;
  let quoted = false;
  for (let i = header.length - 1; i >= -1; i--) {
    const c = i < 0 ? "," : header[i];
    if (c === '"' && !isEscaped(header, i)) quoted = !quoted;
    if (c !== "," || (quoted && i >= 0)) continue;
    const element = header.slice(i + 1, end).trim();
    if (element !== "") yield element;
    end = i;
  }
}

function isEscaped(text: string, position: number): boolean {
  let backslashes = 0;
  while (text[position - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1;
}

/** forwarded-pair = token "=" ( token / quoted-string ); brackets and colons without quotes are let through, as some proxies send them. */
const PAIR = /^\s*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~\w[\]:-]+))\s*(?:;|$)/;

function forOf(element: string): string | null {
  let rest = element;
  let found: string | null = null;
  while (rest !== "") {
    const pair = PAIR.exec(rest);
    if (!pair) return null;
    if (pair[1]?.toLowerCase() === "for") {
      if (found !== null) return null;
      found = pair[2] === undefined ? (pair[3] ?? "") : pair[2].replace(/\\(.)/g, "$1");
    }
    rest = rest.slice(pair[0].length);
  }
  return found;
}
