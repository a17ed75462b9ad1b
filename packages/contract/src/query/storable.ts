/** Text as PostgreSQL can hold it: NUL and lone surrogates become U+FFFD, one code unit for one, so that places stay. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll("\u0000", "\uFFFD");
}
