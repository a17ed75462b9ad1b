/** The locale of `available` that comes nearest to the wanted one: itself (pt-BR), its language (pt), a sibling (pt-PT), English, any. */
export function nearestLocale(wanted: string | undefined, available: readonly string[]): string | undefined {
  const order = [...available].sort();
  const language = wanted?.split("-")[0];
  const ways = [
    (each: string) => each.toLowerCase() === wanted?.toLowerCase(),
    (each: string) => each === language?.toLowerCase(),
    (each: string) => each.split("-")[0] === language?.toLowerCase(),
    (each: string) => each === "en",
    (each: string) => each.startsWith("en-"),
    () => true,
  ];
  for (const way of ways) {
    const found = order.find(way);
    if (found !== undefined) return found;
  }
  return undefined;
}
