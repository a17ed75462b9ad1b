import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIPv4, isIPv6 } from "node:net";
import { AppError } from "@daybook/contract";
import { formatIpv6, ipv6Words, normaliseIp } from "./address.ts";
import { forwardedForFromRight, xForwardedForFromRight } from "./forwarded.ts";

export { normaliseIp } from "./address.ts";

/** Names that stand for address ranges in the list of trusted proxies. */
const namedRanges: Record<string, readonly string[]> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  /** RFC 1918 and RFC 4193. */
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
  linklocal: ["169.254.0.0/16", "fe80::/10"],
};

export interface TrustedProxies {
  readonly list: readonly string[];
  /** `ip` in the form of normaliseIp. */
  has(ip: string): boolean;
}

/**
 * Reads the list of proxies whose headers are believed: addresses, CIDR ranges, and the names `loopback`, `private`,
 * `linklocal`. Throws `invalid_request` naming the entry that is none of these.
 */
export function parseTrustedProxies(list: readonly string[]): TrustedProxies {
  const ranges = new BlockList();
  const entries = list.map((entry) => entry.trim()).filter((entry) => entry !== "");
  for (const entry of entries) {
    for (const range of namedRanges[entry.toLowerCase()] ?? [entry]) addRange(ranges, range);
  }
  return {
    list: entries,
    has: (ip) => entries.length > 0 && ranges.check(ip, ip.includes(":") ? "ipv6" : "ipv4"),
  };
}

/**
 * The address of the client that sent a request, in the form of normaliseIp; "" when the connection has no address.
 *  1. A peer that is not a trusted proxy is the client; its headers are not read.
 *  2. Else the hops are read from the right, the side that our own proxies wrote. `X-Forwarded-For` is preferred when both
 *     headers are there: the usual proxies write that one and pass a client's `Forwarded` on unchanged.
 *  3. The first hop that is not a trusted proxy is the client. A malformed, unknown or obfuscated hop ends the walk: the last
 *     address that was certain counts.
 */
export function clientIp(
  remoteAddress: string | undefined,
  headers: IncomingHttpHeaders,
  trusted: TrustedProxies,
): string {
  let certain = normaliseIp(remoteAddress ?? "") ?? "";
  if (certain === "" || !trusted.has(certain)) return certain;
  for (const hop of hopsFromRight(headers)) {
    const ip = hop === null ? null : hopAddress(hop);
    if (ip === null) return certain;
    certain = ip;
    if (!trusted.has(ip)) return ip;
  }
  return certain;
}

/** What stands in the header that counts, nearest to us first; null is no address. */
export function hopsFromRight(headers: IncomingHttpHeaders): Iterable<string | null> {
  const xForwardedFor = headerText(headers["x-forwarded-for"]);
  if (xForwardedFor !== "") return xForwardedForFromRight(xForwardedFor);
  return forwardedForFromRight(headerText(headers.forwarded));
}

/** A header sent several times is one list (RFC 9110 5.3). */
export function headerText(value: string | string[] | undefined): string {
  return (Array.isArray(value) ? value.join(",") : (value ?? "")).trim();
}

/** The address of a hop, or null. RFC 7239 lets a proxy write an obfuscated port (`"192.0.2.1:_web"`); it is dropped like any other. */
export function hopAddress(hop: string): string | null {
  return normaliseIp(hop.replace(/:_[\w.-]+$/, ""));
}

function addRange(ranges: BlockList, range: string): void {
  const [address = "", prefixText, ...more] = range.split("/");
  const family = isIPv4(address) ? "ipv4" : "ipv6";
  const bits = family === "ipv4" ? 32 : 128;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Number.NaN;
  if (!(isIPv4(address) || isIPv6(address)) || more.length > 0 || !(prefix <= bits)) {
    const names = Object.keys(namedRanges).join(", ");
    throw new AppError("invalid_request", `"${range}" is not an address, a CIDR range or one of ${names}.`);
  }
  // Addresses are compared unmapped, so a mapped range is meant as the IPv4 range inside it.
  const plain = family === "ipv6" ? formatIpv6(ipv6Words(address.split("%")[0] ?? "")) : address;
  if (isIPv4(plain) && family === "ipv6" && prefix >= 96) ranges.addSubnet(plain, prefix - 96, "ipv4");
  else ranges.addSubnet(address, prefix, family);
}
