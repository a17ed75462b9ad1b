import type { Resolver } from "node:dns/promises";
import type { DomainCheck } from "@daybook/contract";
import { dkimRecord } from "./dkim-record.ts";
import { checkSpf } from "./spf.ts";
import type { TransportRule } from "./transport-book.ts";

type Check = DomainCheck["checks"][number];
export type DnsReader = Pick<Resolver, "resolveMx" | "resolveTxt" | "resolve4" | "resolve6">;

/** There is no such record: expected, unlike a name server that does not answer. */
const NONE = new Set(["ENOTFOUND", "ENODATA"]);

/** What the DNS says of a domain from which mail is sent by these mail servers, and what to publish. Never throws. */
export async function checkDomain(
  dns: DnsReader,
  domain: string,
  transports: readonly TransportRule[],
): Promise<DomainCheck> {
  const used = transports.filter(({ enabled }) => enabled);
  const checks = await Promise.all([
    guarded({ kind: "mx", name: domain }, () => checkMx(dns, domain)),
    guarded({ kind: "spf", name: domain }, () => checkSpf(dns, domain, used)),
    ...dkimChecks(dns, domain, used),
    guarded({ kind: "dmarc", name: `_dmarc.${domain}` }, () => checkDmarc(dns, domain)),
  ]);
  return { domain, checks };
}

/** TXT records, each in one piece; none if there are none. */
export async function readTxt(dns: DnsReader, name: string): Promise<string[]> {
  return (await orNone(dns.resolveTxt(name))).map((parts) => parts.join(""));
}

/** The answer, or an empty one if there is no such record. */
export async function orNone<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (NONE.has((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}

async function guarded(place: Pick<Check, "kind" | "name">, check: () => Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    const { code = "no answer" } = error as NodeJS.ErrnoException;
    return { ...place, ok: false, found: [], what: `The DNS did not answer (${code}). Try again in a moment.` };
  }
}

async function checkMx(dns: DnsReader, domain: string): Promise<Check> {
  const records = (await orNone(dns.resolveMx(domain))).sort((a, b) => a.priority - b.priority);
  const place = {
    kind: "mx" as const,
    name: domain,
    found: records.map(({ priority, exchange }) => `${priority} ${exchange || "."}`),
  };
  if (records.some(({ exchange }) => exchange === "" || exchange === "."))
    return {
      ...place,
      ok: false,
      what: "The domain says that it takes no mail (RFC 7505): answers and bounces reach nobody.",
    };
  if (records.length > 0) return { ...place, ok: true, what: "Answers and bounces reach the domain's mail server." };
  const addresses = [...(await orNone(dns.resolve4(domain))), ...(await orNone(dns.resolve6(domain)))];
  if (addresses.length > 0)
    return { ...place, ok: true, what: "There is no MX; mail goes to the domain's own address (RFC 5321, 5.1)." };
  return {
    ...place,
    ok: false,
    what: "The domain takes no mail: answers and bounces reach nobody, and many servers refuse such a sender.",
    publish: `${domain}. MX 10 <your mail server>.`,
  };
}

/** One for each key with which the domain's mail is signed here; one that says that there is none. */
function dkimChecks(dns: DnsReader, domain: string, transports: readonly TransportRule[]): Promise<Check>[] {
  const keys = new Map(
    transports.flatMap(({ dkim }) => (dkim?.domain.toLowerCase() === domain ? [[dkim.selector, dkim.privateKey]] : [])),
  );
  if (keys.size === 0) return [guarded({ kind: "dkim", name: domain }, async () => unsigned(domain))];
  return [...keys].map(([selector, privateKey]) => {
    const name = `${selector}._domainkey.${domain}`;
    return guarded({ kind: "dkim", name }, () => checkDkim(dns, name, dkimRecord(privateKey)));
  });
}

function unsigned(domain: string): Check {
  return {
    ...{ kind: "dkim", ok: false, name: `<selector>._domainkey.${domain}`, found: [] },
    what: "Daybook does not sign mails of this domain. If the mail server signs them, nothing has to be done; else give the mail server here a DKIM key.",
  };
}

async function checkDkim(dns: DnsReader, name: string, record: string): Promise<Check> {
  const found = await readTxt(dns, name);
  const publish = `${name}. TXT "${record}"`;
  const wanted = keyIn(record);
  const keys = found.filter((text) => /(^|;)\s*p=/.test(text));
  const place = { kind: "dkim" as const, name, found };
  if (keys.some((text) => keyIn(text) === wanted))
    return { ...place, ok: true, what: "The key is published: signatures can be checked." };
  const what =
    keys.length === 0
      ? "The key is not published: signatures count for nothing."
      : keys.every((text) => keyIn(text) === "")
        ? "The key that is published is revoked (an empty p=)."
        : "Another key is published than the one that signs: every signature fails.";
  return { ...place, ok: false, what, publish };
}

function keyIn(record: string): string {
  return (/(?:^|;)\s*p=([^;]*)/.exec(record)?.[1] ?? "").replace(/\s/g, "");
}

/** RFC 7489: the domain's own record, else that of the domain above. */
async function checkDmarc(dns: DnsReader, domain: string): Promise<Check> {
  const name = `_dmarc.${domain}`;
  const publish = `${name}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@${domain}"`;
  for (const asked of [domain, domain.split(".").slice(1).join(".")]) {
    if (!asked.includes(".")) continue;
    const found = (await readTxt(dns, `_dmarc.${asked}`)).filter((text) => /^v=DMARC1\b/i.test(text.trim()));
    const place = { kind: "dmarc" as const, name, found };
    if (found.length > 1)
      return { ...place, ok: false, what: "There are several DMARC records: none of them counts. Keep one.", publish };
    const policy = /;\s*p\s*=\s*(none|quarantine|reject)/i.exec(found[0] ?? "")?.[1]?.toLowerCase();
    if (found.length === 1 && policy === undefined)
      return { ...place, ok: false, what: "The record names no policy (p=none, quarantine or reject).", publish };
    if (found.length === 1)
      return {
        ...place,
        ok: true,
        what: `${asked === domain ? "There is a policy" : `The policy of ${asked} holds`}: p=${policy}.`,
      };
  }
  return {
    ...{ kind: "dmarc", ok: false, name, found: [], publish },
    what: "There is no DMARC record: Gmail and Yahoo ask for one of everybody who sends many mails.",
  };
}
