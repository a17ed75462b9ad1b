import type { MailRates } from "@daybook/contract";

/** Mails that did not come through. One that its recipient complained of did. */
export function lostOf({ failed, bounced, suppressed }: MailRates): number {
  return failed + bounced + suppressed;
}

/** Mails that came through, as far as is known: taken by a mail server and not come back since. */
export function throughOf({ sent, delivered, complained }: MailRates): number {
  return sent + delivered + complained;
}

/** The part of the mails that came through, of those of which it is known; null if there are none. */
export function shareOf(rates: MailRates): number | null {
  const through = throughOf(rates);
  const known = through + lostOf(rates);
  return known === 0 ? null : through / known;
}

/** "98.2 %"; never "100.0 %" where something was lost, nor "0.0 %" where something came through. */
export function percentText(part: number | null): string {
  if (part === null) return "–";
  if (part === 0 || part === 1) return `${part * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, part * 100)).toFixed(1)} %`;
}
