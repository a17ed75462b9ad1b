const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["second", 60],
  ["minute", 60],
  ["hour", 24],
  ["day", 30],
  ["month", 12],
  ["year", Number.POSITIVE_INFINITY],
];

/** How long ago, in the visitor's language: "3 min. ago". Times ahead, by clocks that differ, are now. */
export function relativeTime(ms: number, nowMs: number, locale: string | undefined): string {
  const format = new Intl.RelativeTimeFormat(locale, { style: "short", numeric: "auto" });
  let amount = Math.max(0, nowMs - ms) / 1000;
  for (const [unit, size] of steps) {
    if (amount < size) return format.format(-Math.floor(amount), unit);
    amount /= size;
  }
  return exactTime(ms, locale);
}

/** Date and time to the second, short enough for a column. */
export function shortTime(ms: number, locale: string | undefined): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(ms);
}

/** Date, time and zone, in the visitor's language and zone. */
export function exactTime(ms: number, locale: string | undefined): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "long" }).format(ms);
}

/** A locale that Intl knows, else undefined: the visitor's own. */
export function knownLocale(name: string | null): string | undefined {
  try {
    return name ? Intl.getCanonicalLocales(name)[0] : undefined;
  } catch {
    return undefined;
  }
}
