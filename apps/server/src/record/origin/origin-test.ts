import type { IncomingHttpHeaders } from "node:http";
import type { OriginHop, OriginTest } from "@daybook/contract";
import { clientIp, headerText, hopAddress, hopsFromRight, normaliseIp, type TrustedProxies } from "./client-ip.ts";

/** Hops that are told; what stands further left was not read anyway. */
const HOPS_TOLD_MAX = 20;

const forwardingHeaders = ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "x-forwarded-proto", "via"];

/** How the address of a request was found, told to a person: each hop, whether it is believed, the result and why. */
export function explainOrigin(
  remoteAddress: string | undefined,
  headers: IncomingHttpHeaders,
  trusted: TrustedProxies,
): OriginTest {
  const hops = hopsOf(remoteAddress, headers, trusted);
  const ip = clientIp(remoteAddress, headers, trusted);
  const through = throughOf(hops, ip);
  const received: Record<string, string> = {};
  for (const name of forwardingHeaders) {
    const text = headerText(headers[name]);
    if (text !== "") received[name] = text;
  }
  const from = ip === "" ? "an unknown address" : ip;
  return {
    clientIp: ip,
    sentence: `This request came from ${from}${through.length === 0 ? ", directly" : ` through ${listed(through)}`}.`,
    ...reasonOf(hops, ip, received),
    hops,
    headers: received,
    trustedProxies: [...trusted.list],
  };
}

/** The connection, then the header from the right; read as far as each hop is trusted. */
function hopsOf(remoteAddress: string | undefined, headers: IncomingHttpHeaders, trusted: TrustedProxies): OriginHop[] {
  const peer = normaliseIp(remoteAddress ?? "");
  const isTrusted = (ip: string | null) => ip !== null && trusted.has(ip);
  const text = remoteAddress ?? "";
  const hops: OriginHop[] = [{ ip: peer, text, from: "connection", trusted: isTrusted(peer), read: true }];
  const from = headerText(headers["x-forwarded-for"]) === "" ? "Forwarded" : "X-Forwarded-For";
  let reads = isTrusted(peer);
  for (const hop of hopsFromRight(headers)) {
    if (hops.length > HOPS_TOLD_MAX) break;
    const ip = hop === null ? null : hopAddress(hop);
    hops.push({ ip, text: hop ?? "(malformed)", from, trusted: reads && isTrusted(ip), read: reads });
    reads &&= isTrusted(ip);
  }
  return hops;
}

/** The proxies between the client and us, the client's side first. */
function throughOf(hops: readonly OriginHop[], client: string): string[] {
  const proxies = hops.filter((hop) => hop.read && hop.trusted && hop.ip !== null).map((hop) => hop.ip ?? "");
  if (proxies.at(-1) === client) proxies.pop();
  return proxies.reverse();
}

function reasonOf(
  hops: readonly OriginHop[],
  client: string,
  received: Record<string, string>,
): Pick<OriginTest, "why" | "advice"> {
  const [peer, ...others] = hops;
  const header = others[0]?.from ?? "X-Forwarded-For";
  if (!peer?.trusted) {
    const direct = `The connection came from ${client || "no address"}, which is not a trusted proxy, so it is the client.`;
    if (Object.keys(received).length === 0) return { why: direct };
    return {
      why: `${direct} The forwarding headers were not read: anybody can write them.`,
      advice: `If ${client} is your own proxy, name it: DAYBOOK_TRUSTED_PROXIES=${client}`,
    };
  }
  if (others.length === 0)
    return {
      why: `The connection came from the trusted proxy ${client}, which sent neither X-Forwarded-For nor Forwarded, so nothing else is known.`,
      advice: "If this is a proxy and not a person at this machine, let it send X-Forwarded-For.",
    };
  const last = hops.findLast((hop) => hop.read);
  if (last?.ip === null)
    return {
      why: `${header} was read from the right as far as the hops are trusted proxies. "${last.text}" is no address, so the last certain one counts: ${client}.`,
      advice: "The proxy next to it hides or garbles the address. Let it write the client's address.",
    };
  if (last?.trusted)
    return {
      why: `Every hop is a trusted proxy, so the one furthest away counts: ${client}.`,
      advice: "If people's own addresses are on the list of trusted proxies, the list is too wide.",
    };
  const unread = hops.some((hop) => !hop.read) ? " What stands left of it was not read." : "";
  return {
    why: `${header} was read from the right. ${client} is the first hop that is not a trusted proxy, so it is the client.${unread}`,
  };
}

function listed(addresses: readonly string[]): string {
  return addresses.length < 2 ? (addresses[0] ?? "") : `${addresses.slice(0, -1).join(", ")} and ${addresses.at(-1)}`;
}
