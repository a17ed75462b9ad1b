const whole = new Intl.NumberFormat("en-GB");
const compact = new Intl.NumberFormat("en-GB", { notation: "compact", maximumFractionDigits: 1 });

/** "48,213" */
export function count(value: number): string {
  return whole.format(value);
}

/** "48.2k", for where there is little room */
export function shortCount(value: number): string {
  return value < 10_000 ? whole.format(value) : compact.format(value).toLowerCase();
}

/** "48,213", or "10,000+" when the server stopped counting there. */
export function totalText(total: { value: number; relation: "eq" | "gte" }): string {
  return total.relation === "gte" ? `${whole.format(total.value)}+` : whole.format(total.value);
}

/** "1 event", "3 events" */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}
