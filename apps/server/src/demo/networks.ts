import type { OverlayNetwork } from "../record/origin/origin.ts";

/** An invented network on addresses that are reserved for documentation (RFC 5737, RFC 3849; AS numbers RFC 5398). */
export interface DemoNetwork extends OverlayNetwork {
  country: string;
  asn: number;
  network: string;
}

/** Homes and offices of customers. */
export const customerNetworks = [
  { cidr: "203.0.113.0/27", country: "NL", asn: 64496, network: "Polderglas" },
  { cidr: "203.0.113.32/27", country: "DE", asn: 64497, network: "Rheinnetz Kabel" },
  { cidr: "203.0.113.64/27", country: "GB", asn: 64498, network: "Fenland Broadband" },
  { cidr: "203.0.113.96/27", country: "FR", asn: 64499, network: "Loire Fibre" },
  { cidr: "203.0.113.128/27", country: "PL", asn: 64500, network: "Siec Baltycka" },
  { cidr: "203.0.113.160/28", country: "SE", asn: 64501, network: "Norrsken Bredband" },
  { cidr: "203.0.113.176/28", country: "ES", asn: 64502, network: "Meseta Fibra" },
  { cidr: "203.0.113.192/28", country: "US", asn: 64503, network: "Prairie Cable" },
  { cidr: "203.0.113.208/28", country: "BR", asn: 64504, network: "Serra Telecom" },
  { cidr: "203.0.113.224/28", country: "IN", asn: 64505, network: "Deccan Net" },
  { cidr: "203.0.113.240/28", country: "JP", asn: 64506, network: "Kawa Hikari" },
  { cidr: "2001:db8:a0::/48", country: "NL", asn: 64496, network: "Polderglas" },
  { cidr: "2001:db8:a1::/48", country: "DE", asn: 64497, network: "Rheinnetz Kabel" },
  { cidr: "2001:db8:a2::/48", country: "GB", asn: 64498, network: "Fenland Broadband" },
  { cidr: "2001:db8:a3::/48", country: "GH", asn: 64507, network: "Volta Mobile" },
] as const satisfies DemoNetwork[];

/** Where people are when they are not at home. */
export const mobileNetworks = [
  { cidr: "198.51.100.0/27", country: "NL", asn: 64508, network: "Dijk Mobiel" },
  { cidr: "198.51.100.32/27", country: "DE", asn: 64509, network: "Auerfunk" },
  { cidr: "198.51.100.64/27", country: "GB", asn: 64510, network: "Gannet Mobile" },
] as const satisfies DemoNetwork[];

/** Rented machines: build servers, and attacks. */
export const rentedNetworks = [
  { cidr: "198.51.100.96/28", country: "US", asn: 65536, network: "Tin Barn Cloud" },
  { cidr: "198.51.100.112/28", country: "SG", asn: 65537, network: "Straits Rack" },
  { cidr: "198.51.100.192/28", country: "RO", asn: 65538, network: "Cheapslot Hosting" },
  { cidr: "198.51.100.208/28", country: "CA", asn: 65539, network: "Loon Lake Servers" },
  { cidr: "2001:db8:bad::/48", country: "RO", asn: 65538, network: "Cheapslot Hosting" },
] as const satisfies DemoNetwork[];

/** Heronfield's own: the office in Utrecht, the nodes, the fibre subscribers. */
export const ownNetworks = [
  { cidr: "192.0.2.0/26", country: "NL", asn: 64511, network: "Heronfield" },
  { cidr: "192.0.2.64/26", country: "NL", asn: 64511, network: "Heronfield" },
  { cidr: "192.0.2.128/25", country: "NL", asn: 64511, network: "Heronfield Fibre" },
] as const satisfies DemoNetwork[];

/** What the demo's `OriginLookup` is given: documentation addresses are in no geo data. */
export const demoNetworks: readonly DemoNetwork[] = [
  ...customerNetworks,
  ...mobileNetworks,
  ...rentedNetworks,
  ...ownNetworks,
];

/** The `host`th address of a network, wrapping around inside it; the first and the last are left out. */
export function addressIn(network: { cidr: string }, host: number): string {
  const [base = "", prefix] = network.cidr.split("/");
  if (base.includes(":")) return `${base}${(((host % 60_000) + 1) * 16 + 1).toString(16)}`;
  const size = 2 ** (32 - Number(prefix)) - 2;
  const last = base.lastIndexOf(".");
  return `${base.slice(0, last)}.${Number(base.slice(last + 1)) + 1 + (host % size)}`;
}
