/**
 * A block of IP addresses: the first `bits` of `bytes` (4 or 16 of them) are fixed. One address has all its bits fixed.
 * IPv4 addresses written as IPv6 (`::ffff:203.0.113.9`) are IPv4.
 */
export interface AddressBlock {
  bytes: readonly number[];
  bits: number;
}

/** Reads one address or a CIDR block; undefined when the text is neither. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const [address = "", prefix, ...more] = text.split("/");
  const bytes = parseAddress(address);
  if (bytes === undefined || more.length > 0) return undefined;
  const mapped = bytes.length === 4 && address.includes(":");
  if (prefix === undefined) return { bytes, bits: bytes.length * 8 };
  if (!/^\d{1,3}$/.test(prefix)) return undefined;
  const bits = Number(prefix) - (mapped ? 96 : 0);
  return bits >= 0 && bits <= bytes.length * 8 ? { bytes, bits } : undefined;
}

/** The bytes of an address, 4 or 16; undefined when the text is no address. */
export function parseAddress(text: string): number[] | undefined {
  if (!text.includes(":")) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const mapped = bytes?.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 255)) === true;
  return mapped ? bytes?.slice(12) : bytes;
}

/** Whether an address lies in a block. */
export function blockIncludes(block: AddressBlock, address: readonly number[]): boolean {
  if (address.length !== block.bytes.length) return false;
  const whole = block.bits >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== block.bytes[index]) return false;
  const left = block.bits & 7;
  return left === 0 || ((address[whole] ?? 0) ^ (block.bytes[whole] ?? 0)) >> (8 - left) === 0;
}

/** The block as text with its prefix length: `203.0.113.0/24`, `2001:db8:0:0:0:0:0:0/32`. Host bits are kept. */
export function formatAddressBlock(block: AddressBlock): string {
  const { bytes, bits } = block;
  if (bytes.length === 4) return `${bytes.join(".")}/${bits}`;
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)).toString(16),
  );
  return `${groups.join(":")}/${bits}`;
}

function parseIpv4(text: string): number[] | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  const bytes = parts.map((part) => (/^(0|[1-9]\d{0,2})$/.test(part) ? Number(part) : 256));
  return bytes.some((byte) => byte > 255) ? undefined : bytes;
}

/** RFC 4291 2.2: eight groups, `::` once for a run of zeros, the last 32 bits possibly in dotted form. */
function parseIpv6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = ipv6Groups(halves[0] ?? "", halves.length === 1);
  const tail = halves[1] === undefined ? [] : ipv6Groups(halves[1], true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 16 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 2) return undefined;
  return [...head, ...Array<number>(missing).fill(0), ...tail];
}

function ipv6Groups(text: string, last: boolean): number[] | undefined {
  if (text === "") return [];
  const bytes: number[] = [];
  const groups = text.split(":");
  for (const [index, group] of groups.entries()) {
    if (group.includes(".")) {
      const tail = last && index === groups.length - 1 ? parseIpv4(group) : undefined;
      if (tail === undefined) return undefined;
      bytes.push(...tail);
    } else {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 255);
    }
  }
  return bytes;
}
