import { type AddressBlock, AppError, blockIncludes, parseAddress, parseAddressBlock } from "@daybook/contract";

/** What may be called although it is private: names of hosts, and blocks of addresses. */
export interface AllowedHosts {
  names: ReadonlySet<string>;
  blocks: readonly AddressBlock[];
}

const blocksOf = (texts: string): AddressBlock[] =>
  texts
    .trim()
    .split(/\s+/)
    .map((text) => parseAddressBlock(text))
    .filter((block) => block !== undefined);

/**
 * Addresses that are not of the public internet: the special-purpose registries of IANA (RFC 6890 and what came after), and multicast.
 * Of IPv6 only 2000::/3 is given out, so there the list names what is special inside; the rest is refused as a whole.
 */
const special = blocksOf(`
  0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24
  192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
  2001::/23 2001:db8::/32 2002::/16 3fff::/20`);
const global6 = blocksOf("2000::/3");

/**
 * Where clouds hand credentials to their machines: refused even for a host that may be called by its name, because what a name leads to is up to
 * whoever runs its zone. With them what is no single machine at all.
 */
const never = blocksOf(`
  169.254.169.254/32 169.254.170.2/32 168.63.129.16/32 100.100.100.200/32 192.0.0.192/32 fd00:ec2::254/128 fd20:ce::254/128
  0.0.0.0/8 224.0.0.0/4 240.0.0.0/4 ::/128 ff00::/8`);

/** Ports below 1024 that are the web's. The others belong to protocols that a crafted request could speak to. */
const webPorts = new Set(["", "80", "443"]);
const PRIVILEGED_PORTS = 1024;

/** Reads DAYBOOK_ALLOWED_HOSTS: names and addresses, the latter perhaps with a prefix length. */
export function parseAllowedHosts(list: readonly string[]): AllowedHosts {
  const blocks = list.map((text) => parseAddressBlock(text)).filter((block) => block !== undefined);
  const names = list.filter((text) => parseAddressBlock(text) === undefined).map(bareName);
  return { names: new Set(names), blocks };
}

/** The address of a URL as far as it can be judged without asking for its name. Throws `address_refused`, saying why. */
export function requireCallableUrl(text: string, allowed: AllowedHosts): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol))
    throw refused(`${text} is not an https address.`);
  if (url.username !== "" || url.password !== "")
    throw refused("An address with a user name or password is not called.");
  const known = isAllowedName(url, allowed) || isInAllowedBlock(hostOf(url), allowed);
  const isName = parseAddress(hostOf(url)) === undefined;
  // A name may lead to an allowed address: that is seen when it is resolved.
  if (url.protocol === "http:" && !known && !(isName && allowed.blocks.length > 0))
    throw refused(`${url.host} is called by https only; http is for hosts of DAYBOOK_ALLOWED_HOSTS.`);
  if (!known && !webPorts.has(url.port) && Number(url.port) < PRIVILEGED_PORTS)
    throw refused(`Port ${url.port} is not one of the web.`);
  if (!isName) requireCallableAddress(url, hostOf(url), allowed);
  return url;
}

/** Whether the address to which a URL leads may be called. Throws `address_refused`. */
export function requireCallableAddress(url: URL, address: string, allowed: AllowedHosts): void {
  const bytes = parseAddress(address);
  if (bytes === undefined) throw refused(`${address} is not an address.`);
  const within = (blocks: readonly AddressBlock[]): boolean => blocks.some((block) => blockIncludes(block, bytes));
  if (within(allowed.blocks)) return;
  const byName = isAllowedName(url, allowed);
  const isPublic = !within(special) && (bytes.length === 4 || within(global6));
  if (within(never) || (!byName && !isPublic))
    throw refused(
      `${url.hostname} leads to ${address}, which is not on the public internet. If it is yours, name it in DAYBOOK_ALLOWED_HOSTS.`,
    );
  if (url.protocol === "http:" && !byName)
    throw refused(`${url.host} is called by https only; http is for hosts of DAYBOOK_ALLOWED_HOSTS.`);
}

/** Whether nothing is ever connected to at an address, not even what an operator has set: metadata of clouds, and what is no single machine. */
export function isNeverCalled(address: string): boolean {
  const bytes = parseAddress(address);
  return bytes === undefined || never.some((block) => blockIncludes(block, bytes));
}

/** The host of a URL: a name, or an address without brackets. */
export function hostOf(url: URL): string {
  return bareName(url.hostname.replace(/^\[|\]$/g, ""));
}

function isAllowedName(url: URL, allowed: AllowedHosts): boolean {
  return allowed.names.has(hostOf(url));
}

function isInAllowedBlock(host: string, allowed: AllowedHosts): boolean {
  const bytes = parseAddress(host);
  return bytes !== undefined && allowed.blocks.some((block) => blockIncludes(block, bytes));
}

function bareName(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}

function refused(detail: string): AppError {
  return new AppError("address_refused", detail);
}
