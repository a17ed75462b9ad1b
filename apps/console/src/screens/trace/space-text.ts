const units = [
  { ms: 86_400_000, name: "d" },
  { ms: 3_600_000, name: "h" },
  { ms: 60_000, name: "min" },
  { ms: 1_000, name: "s" },
  { ms: 1, name: "ms" },
] as const;

/** A length of time in its largest unit, with the next one where that says something: "2 min 5 s", "350 ms". `signed`: "+2 min", "−3 s". */
export function spaceText(ms: number, signed = false): string {
  const sign = signed ? (ms < 0 ? "−" : "+") : "";
  const size = Math.abs(Math.round(ms));
  const at = units.findIndex((unit) => size >= unit.ms);
  const unit = units[at];
  if (unit === undefined) return "at once";
  const whole = Math.floor(size / unit.ms);
  const next = units[at + 1];
  const rest = next === undefined ? 0 : Math.floor((size - whole * unit.ms) / next.ms);
  if (unit.name === "s" && rest > 0) return `${sign}${(Math.floor(size / 100) / 10).toString()} s`;
  return `${sign}${whole} ${unit.name}${rest > 0 && next ? ` ${rest} ${next.name}` : ""}`;
}
