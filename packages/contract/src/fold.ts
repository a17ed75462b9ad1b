/**
 * Lower case as search compares it: one code point for one code point, without context.
 * It is what PostgreSQL's `lower()` does under its built-in C.UTF-8 locale (Unicode simple case mapping), so that the
 * database and this code agree: "Σ" is always "σ", "İ" is "i".
 */
export function fold(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is what is asked for
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase();
  let folded = "";
  for (const character of text) {
    if (character === "\u0130") {
      folded += "i";
      continue;
    }
    const lower = character.toLowerCase();
    folded += lower.length === character.length ? lower : character;
  }
  return folded;
}
