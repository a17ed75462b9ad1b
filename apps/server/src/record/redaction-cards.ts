/** Digits that may be a card's number, with single separators. */
const digitRun = /(?<![0-9A-Za-z+]|\d\.)\d(?:[ \u00a0-]?\d){12,}(?![0-9A-Za-z]|\.\d)/g;

/** Prefixes and lengths that issuers use (ISO/IEC 7812 ranges as published by the schemes), longest match not needed: they do not overlap in length. */
const issuers: readonly [prefix: RegExp, lengths: readonly number[]][] = [
  [/^4/, [13, 16, 19]], // Visa
  [/^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, [16]], // Mastercard
  [/^3[47]/, [15]], // American Express
  [/^(?:6011|64[4-9]|65)/, [16, 17, 18, 19]], // Discover
  [/^35(?:2[89]|[3-8])/, [16, 17, 18, 19]], // JCB
  [/^(?:30[0-5]|3095|36|38|39)/, [14, 15, 16, 17, 18, 19]], // Diners Club
  [/^62/, [16, 17, 18, 19]], // UnionPay
  [/^(?:50|5[6-8]|6304|6759|676[1-3])/, [13, 14, 15, 16, 17, 18, 19]], // Maestro
  [/^220[0-4]/, [16, 17, 18, 19]], // Mir
  [/^(?:60|81|82)/, [16]], // RuPay
];

const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Length of a UUID: how far around a run of digits one could begin or end. */
const UUID_LENGTH = 36;

/** The text with every card number replaced; the same text when there is none. */
export function redactCards(text: string, replacement: string, found: () => void): string {
  return text.replace(digitRun, (run: string, at: number) => {
    if (run.includes("-") && insideUuid(text, at, run.length)) return run;
    return redactRun(run, replacement, found);
  });
}

/** A whole number that is a card's. Those of 13 digits are left: they are bytes and times more often. */
export function isCardNumber(value: number): boolean {
  return value >= 1e13 && value <= Number.MAX_SAFE_INTEGER && Number.isInteger(value) && isCard(String(value));
}

/** A run may hold more than the card ("20 4111 1111 1111 1111"): every window of whole groups is tried, at most 19 digits each. */
function redactRun(run: string, replacement: string, found: () => void): string {
  const groups = run.split(/([ \u00a0-])/);
  let out = "";
  for (let at = 0; at < groups.length; at += 2) {
    const end = cardEnd(groups, at);
    if (end === -1) out += (groups[at] ?? "") + (groups[at + 1] ?? "");
    else {
      found();
      out += replacement + (groups[end + 1] ?? "");
      at = end;
    }
  }
  return out;
}

function cardEnd(groups: readonly string[], from: number): number {
  let digits = "";
  let last = -1;
  for (let at = from; at < groups.length && digits.length < 19; at += 2) {
    const group = groups[at] ?? "";
    // Printed cards come in groups of four, or four, six and the rest; ids come in any.
    if (at > from && (group.length > 6 || (groups[from] ?? "").length !== 4)) break;
    digits += group;
    if (digits.length >= 13 && digits.length <= 19 && isCard(digits)) last = at;
  }
  return last;
}

function isCard(digits: string): boolean {
  const known = issuers.some(([prefix, lengths]) => lengths.includes(digits.length) && prefix.test(digits));
  return known && passesLuhn(digits);
}

/** ISO/IEC 7812-1 annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place++) {
    const digit = digits.charCodeAt(digits.length - 1 - place) - 48;
    sum += place % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0 && /[^0]/.test(digits);
}

function insideUuid(text: string, at: number, length: number): boolean {
  const from = Math.max(0, at - UUID_LENGTH);
  const around = text.slice(from, at + length + UUID_LENGTH);
  for (const match of around.matchAll(uuid)) {
    const start = from + match.index;
    if (start <= at && at < start + UUID_LENGTH) return true;
  }
  return false;
}
