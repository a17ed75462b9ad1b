import { isIPv4, isIPv6 } from "node:net";

/** Mapped IPv4 in IPv6, `::ffff:0:0/96` (RFC 4291 2.5.5.2). */
const MAPPED_WORD = 0xffff;
/** Longer texts are no address: 45 for the address, a zone, brackets and a port. */
const ADDRESS_LENGTH_MAX = 128;

/**
 * The one text form of an IP address, or null when `text` is none. IPv4 is dotted decimal; IPv6 follows RFC 5952.
 * Brackets, a port and a zone id are dropped (`[fe80::1%eth0]:443` is `fe80::1`), `::ffff:192.0.2.1` is `192.0.2.1`.
 * `::192.0.2.1` (IPv4-compatible, RFC 5952 section 5) keeps its dotted tail: that is how PostgreSQL's inet prints it, and
 * the text written and the text read must be one.
 */
export function normaliseIp(text: string): string | null {
  if (isIPv4(text)) return text;
  if (text.length > ADDRESS_LENGTH_MAX) return null;
  const bare = bareAddress(text.trim());
  if (bare === null) return null;
  if (isIPv4(bare)) return bare;
  return isIPv6(bare) ? formatIpv6(ipv6Words(bare)) : null;
}

/** The number of a valid IPv4 text, 0 to 2^32 - 1. */
export function ipv4Number(text: string): number {
  let value = 0;
  let part = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 46) {
      value = value * 256 + part;
      part = 0;
    } else part = part * 10 + c - 48;
  }
  return value * 256 + part;
}

/** The eight 16-bit words of a valid IPv6 text without zone id. */
export function ipv6Words(text: string): number[] {
  const [head = "", tail] = text.split("::");
  const left = words(head);
  if (tail === undefined) return left;
  const right = words(tail);
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** RFC 5952: lower case, no leading zeros, the longest run of two or more zero words as `::`, the first of equals. */
export function formatIpv6(words8: readonly number[]): string {
  const zeroHead = words8.findIndex((word) => word !== 0);
  const [, , , , , sixth = 0, high = 0, low = 0] = words8;
  const dotted = `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
  if (zeroHead === 5 && sixth === MAPPED_WORD) return dotted;
  if (zeroHead === 6) return `::${dotted}`;
  const run = longestZeroRun(words8);
  const hex = words8.map((word) => word.toString(16));
  if (run.length < 2) return hex.join(":");
  return `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

/** Without brackets, port and zone id; null when brackets or port are malformed. */
function bareAddress(text: string): string | null {
  let address = text;
  if (text.startsWith("[")) {
    const parts = /^\[([^[\]]+)\](?::(\d{1,5}))?$/.exec(text);
    if (!parts?.[1] || !isPort(parts[2])) return null;
    address = parts[1];
    if (isIPv4(address)) return null;
  } else {
    const parts = /^([\d.]+):(\d{1,5})$/.exec(text);
    if (parts?.[1]) return isPort(parts[2]) ? parts[1] : null;
  }
  const zone = address.indexOf("%");
  if (zone < 0) return address;
  // RFC 4007: a zone id follows an IPv6 address only, and is not empty.
  return zone < address.length - 1 && address.includes(":") ? address.slice(0, zone) : null;
}

function isPort(text: string | undefined): boolean {
  return text === undefined || Number(text) <= 65_535;
}

function words(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((part) => {
    if (!part.includes(".")) return [Number.parseInt(part, 16)];
    const value = ipv4Number(part);
    return [Math.floor(value / 65_536), value % 65_536];
  });
}

function longestZeroRun(words8: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (let i = 0; i < 8; i++) {
    length = words8[i] === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: i - length + 1, length };
  }
  return best;
}
