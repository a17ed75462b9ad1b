import { isIP } from "node:net";
import { blockIncludes, type DomainCheck, parseAddress, parseAddressBlock } from "@daybook/contract";
import { type DnsReader, orNone, readTxt } from "./domain-check.ts";
import type { TransportRule } from "./transport-book.ts";

type Check = DomainCheck["checks"][number];

/** Lookups that a receiver makes at most (RFC 7208, 4.6.4): beyond, the record counts as broken. */
const LOOKUPS_MAX = 10;

/** Providers that send from other addresses than those at which they take mail: what their users are told to include. */
const includes: readonly [host: RegExp, include: string][] = [
  [/(^|\.)gmail\.com$|(^|\.)google\.com$/, "_spf.google.com"],
  [/(^|\.)office365\.com$|(^|\.)outlook\.com$/, "spf.protection.outlook.com"],
  [/(^|\.)amazonaws\.com$/, "amazonses.com"],
  [/(^|\.)sendgrid\.net$/, "sendgrid.net"],
  [/(^|\.)mailgun\.org$/, "mailgun.org"],
  [/(^|\.)postmarkapp\.com$/, "spf.mtasv.net"],
  [/(^|\.)resend\.com$/, "amazonses.com"],
  [/(^|\.)mailjet\.com$/, "spf.mailjet.com"],
  [/(^|\.)brevo\.com$|(^|\.)sendinblue\.com$/, "spf.brevo.com"],
  [/(^|\.)zoho\.(com|eu)$/, "zoho.com"],
];

/** Whether a domain's SPF record lets the mail servers send that are set up here (RFC 7208). */
export async function checkSpf(dns: DnsReader, domain: string, transports: readonly TransportRule[]): Promise<Check> {
  const found = (await readTxt(dns, domain)).filter((text) => /^v=spf1( |$)/i.test(text));
  const hosts = [...new Set(transports.map(({ host }) => host.toLowerCase()))];
  const place = { kind: "spf" as const, name: domain, found };
  const [record] = found;
  if (record === undefined)
    return {
      ...place,
      ok: false,
      what: "There is no SPF record: receivers cannot tell who may send for this domain.",
      publish: proposal(domain, hosts),
    };
  if (found.length > 1)
    return { ...place, ok: false, what: "There are several SPF records: then none of them counts. Put them into one." };
  const walk: Walk = { dns, lookups: 0, includes: new Set(), blocks: [] };
  await follow(walk, domain, record);
  if (walk.lookups > LOOKUPS_MAX)
    return {
      ...place,
      ok: false,
      what: `The record makes receivers ask the DNS more than ${LOOKUPS_MAX} times: it counts as broken. Take something out.`,
    };
  const missing: string[] = [];
  for (const host of hosts) if (!(await covers(walk, host))) missing.push(host);
  if (missing.length === 0)
    return {
      ...place,
      ok: true,
      what:
        hosts.length === 0
          ? "There is a record; no mail server is set up to compare it with."
          : "The record lets your mail servers send.",
    };
  return {
    ...place,
    ok: false,
    what: `The record does not name ${missing.join(" and ")}. If it sends from an address that the record has, nothing has to be done.`,
    publish: `${domain}. TXT "${withMechanisms(record, missing.map(mechanismOf))}"`,
  };
}

interface Walk {
  dns: DnsReader;
  lookups: number;
  includes: Set<string>;
  blocks: string[];
}

/** Gathers what a record lets send: blocks of addresses, and names that it includes. */
async function follow(walk: Walk, domain: string, record: string): Promise<void> {
  for (const term of record.split(/\s+/).slice(1)) {
    if (/^[-~?]/.test(term) || walk.lookups > LOOKUPS_MAX) continue;
    const [, name = "", value] =
      /^\+?(include|redirect|a|mx|ip4|ip6|exists|ptr)(?:[:=]([^/\s]+(?:\/\d+)?))?/i.exec(term) ?? [];
    const kind = name.toLowerCase();
    if (kind === "ip4" || kind === "ip6") walk.blocks.push(value ?? "");
    else if (kind !== "") walk.lookups++;
    if ((kind === "include" || kind === "redirect") && value !== undefined) {
      const included = value.toLowerCase();
      if (walk.includes.has(included)) continue;
      walk.includes.add(included);
      const next = (await readTxt(walk.dns, included)).find((text) => /^v=spf1( |$)/i.test(text));
      if (next !== undefined) await follow(walk, included, next);
    }
    if (kind === "a") walk.blocks.push(...(await addressesOf(walk.dns, value ?? domain)));
    if (kind === "mx")
      for (const { exchange } of await orNone(walk.dns.resolveMx(value ?? domain)))
        walk.blocks.push(...(await addressesOf(walk.dns, exchange)));
  }
}

async function covers(walk: Walk, host: string): Promise<boolean> {
  const known = includes.find(([pattern]) => pattern.test(host));
  if (known !== undefined) return walk.includes.has(known[1]);
  const own = isIP(host) === 0 ? await addressesOf(walk.dns, host) : [host];
  const blocks = walk.blocks.map((text) => parseAddressBlock(text)).filter((block) => block !== undefined);
  return own.some((address) => {
    const bytes = parseAddress(address);
    return bytes !== undefined && blocks.some((block) => blockIncludes(block, bytes));
  });
}

async function addressesOf(dns: DnsReader, name: string): Promise<string[]> {
  return [...(await orNone(dns.resolve4(name))), ...(await orNone(dns.resolve6(name)))];
}

function mechanismOf(host: string): string {
  const known = includes.find(([pattern]) => pattern.test(host));
  if (known !== undefined) return `include:${known[1]}`;
  const version = isIP(host);
  return version === 0 ? `a:${host}` : `ip${version}:${host}`;
}

function proposal(domain: string, hosts: readonly string[]): string {
  return `${domain}. TXT "${["v=spf1", ...hosts.map(mechanismOf), "~all"].join(" ")}"`;
}

/** New mechanisms come first: what stands behind `all` is not read. */
function withMechanisms(record: string, mechanisms: readonly string[]): string {
  return record.replace(/^v=spf1/i, ["v=spf1", ...new Set(mechanisms)].join(" "));
}
