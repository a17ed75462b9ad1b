import type { MailRates } from "@daybook/contract";

/** Mails that did not come through. One that its recipient complained of did. */
export function lostOf({ failed, bounced, suppressed }: MailRates): number {
  return failed + bounced + suppressed;
}

/** Mails that came through, as far as is known: taken by a mail server or delivered, and not come back since. A mail is counted in everything
 *  that happened to it, so one that was sent and then delivered is in both. */
export function throughOf(rates: MailRates): number {
  const { queued, sent, delivered, bounced } = rates;
  const taken = Math.max(sent - bounced, delivered, 0);
  return Math.min(taken, Math.max(0, queued - lostOf(rates)));
}

/** The part of the mails that came through, of those of which it is known; null if there are none. */
export function shareOf(rates: MailRates): number | null {
  const through = throughOf(rates);
  const known = through + lostOf(rates);
  return known === 0 ? null : through / known;
}

/** "98.2 %"; never "100 %" where something was lost. */
export function percentText(part: number | null): string {
  if (part === null) return "–";
  const percent = part * 100;
  if (percent > 99.9 && percent < 100) return "99.9 %";
  return `${percent === 0 || percent === 100 ? percent : percent.toFixed(1)} %`;
}
