import { type Attack, actorTypes, attackLimits, type BlockListFormat, parseQuery } from "@daybook/contract";
import type { Pool } from "pg";
import { csvField } from "../record/export/csv.ts";
import { parseTrustedProxies, type TrustedProxies } from "../record/origin/client-ip.ts";
import { Parameters } from "../record/search/parameters.ts";
import { SearchPlan } from "../record/search/plan.ts";
import type { Searcher } from "../record/search/request.ts";
import { fullSight } from "../record/sight.ts";
import { type AttackRequest, findAttacks } from "./attacks.ts";

export interface BlockList {
  /** At most attackLimits.blockListMax. */
  items: Attack[];
  /** Addresses that attacked but must not be blocked. */
  leftOut: number;
  /** Whether there were more than fit. */
  cut: boolean;
}

const loopback = parseTrustedProxies(["loopback"]);

/**
 * The attacking addresses that may be blocked. Left out are trusted proxies (all visitors would go with them), this machine,
 * `ownIp` (whoever asks), and addresses that staff signed in from.
 */
export async function findBlockList(
  db: Pool,
  searcher: Searcher,
  request: Omit<AttackRequest, "by" | "limit">,
  spare: { proxies: TrustedProxies; ownIp: string },
): Promise<BlockList> {
  const wanted = { ...request, by: "address" as const, limit: attackLimits.blockListMax + 1 };
  const { items } = await findAttacks(db, searcher, wanted);
  const ofStaff = await staffAddresses(
    db,
    searcher.workspaceId,
    items.map(({ value }) => value),
  );
  const isSpared = (ip: string) => ip === spare.ownIp || ofStaff.has(ip) || spare.proxies.has(ip) || loopback.has(ip);
  const blocked = items.filter(({ value }) => !isSpared(value));
  return {
    items: blocked.slice(0, attackLimits.blockListMax),
    leftOut: items.length - blocked.length,
    cut: blocked.length > attackLimits.blockListMax,
  };
}

/** Those of these addresses that staff signed in from, by the whole log (also what the caller does not see) or by their sessions here. */
async function staffAddresses(db: Pool, workspaceId: number, ips: readonly string[]): Promise<Set<string>> {
  if (ips.length === 0) return new Set();
  const parameters = new Parameters();
  const plan = new SearchPlan({
    workspaceId,
    sight: fullSight,
    query: parseQuery("action:auth.login actor:staff outcome:success"),
  });
  const where = `${plan.rangeSql(parameters)} and ${plan.querySql(parameters, false)} and actor_type = ${actorTypes.indexOf("staff")}`;
  const workspace = parameters.add(workspaceId);
  const list = parameters.add(ips);
  const { rows } = await db.query<{ ip: string }>(
    `select distinct host(ip) as ip from event where ${where} and ip = any(${list}::inet[])
     union
     select distinct host(ip) from session join membership using (staff_id)
       where membership.workspace_id = ${workspace} and ip = any(${list}::inet[])`,
    parameters.values,
  );
  return new Set(rows.map(({ ip }) => ip));
}

export const blockListMediaTypes: Record<BlockListFormat, string> = {
  text: "text/plain; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  fail2ban: "text/x-shellscript; charset=utf-8",
  nftables: "text/plain; charset=utf-8",
};

export const blockListExtensions: Record<BlockListFormat, string> = {
  text: "txt",
  csv: "csv",
  fail2ban: "sh",
  nftables: "nft",
};

/** What the file says of itself, where the format has comments. */
export interface BlockListNote {
  workspace: string;
  /** Milliseconds. */
  madeAt: number;
  request: Omit<AttackRequest, "by" | "limit">;
  /** The jail that fail2ban bans in. */
  jail: string;
}

/** The file of a block list. Every format is one that its program reads as it is, also without any address. */
export function formatBlockList(list: BlockList, format: BlockListFormat, note: BlockListNote): string {
  const addresses = list.items.map(({ value }) => value);
  switch (format) {
    case "text":
      return addresses.map((ip) => `${ip}\n`).join("");
    case "csv":
      return csvText(list.items);
    case "fail2ban":
      return `#!/bin/sh\n${comment(list, note)}${addresses.map((ip) => `fail2ban-client set ${note.jail} banip ${ip}\n`).join("")}`;
    case "nftables":
      return nftablesText(addresses, comment(list, note));
  }
}

const csvColumns = [
  "ip",
  "country",
  "asn",
  "network",
  "failures",
  "accounts",
  "firstAt",
  "lastAt",
  "succeededAt",
] as const;

/** RFC 4180, safe to open in a spreadsheet. */
function csvText(items: readonly Attack[]): string {
  const lines = items.map((item) =>
    [
      item.value,
      item.country,
      item.asn,
      item.network,
      item.failures,
      item.others,
      item.firstAt,
      item.lastAt,
      item.succeededAt,
    ]
      .map((value) => csvField(value === undefined ? "" : String(value)))
      .join(","),
  );
  return [csvColumns.join(","), ...lines].map((line) => `${line}\r\n`).join("");
}

/**
 * Two sets in a table of their own, for `nft -f`. Loading it again replaces the addresses; an empty set gets no elements,
 * because nft takes no empty list. A rule of the operator's drops what is in them: the sets alone block nothing.
 */
function nftablesText(addresses: readonly string[], about: string): string {
  const sets = [
    { name: "blocked4", type: "ipv4_addr", match: "ip", addresses: addresses.filter((ip) => !ip.includes(":")) },
    { name: "blocked6", type: "ipv6_addr", match: "ip6", addresses: addresses.filter((ip) => ip.includes(":")) },
  ];
  const rules = sets.map(({ name, match }) => `#   ${match} saddr @${name} drop\n`).join("");
  const statements = sets.map(
    ({ name, type, addresses: elements }) =>
      `add set inet daybook ${name} { type ${type}; }\nflush set inet daybook ${name}\n${
        elements.length === 0 ? "" : `add element inet daybook ${name} {\n\t${elements.join(",\n\t")}\n}\n`
      }`,
  );
  const how = `# Load with: nft -f FILE. Then, in a chain of the table "inet daybook":\n${rules}`;
  return `#!/usr/sbin/nft -f\n${about}${how}add table inet daybook\n${statements.join("")}`;
}

function comment(list: BlockList, { workspace, madeAt, request }: BlockListNote): string {
  const time = (ms: number) => new Date(ms).toISOString();
  const lines = [
    `Block list of the workspace ${workspace}, made ${time(madeAt)}.`,
    `Addresses with at least ${request.min} failed sign-ins within ${request.minutes} minutes, ${time(request.fromMs)} to ${time(request.toMs)}: ${list.items.length}.`,
    `Left out because they are trusted proxies, this machine, yours, or staff signed in from them: ${list.leftOut}.`,
  ];
  if (list.cut) lines.push(`There were more than ${attackLimits.blockListMax}; these have the most failures.`);
  return lines.map((line) => `# ${line}\n`).join("");
}
