import {
  AppError,
  formatKeyValue,
  isActorType,
  type PartyKind,
  type PartyPart,
  parseAddressBlock,
} from "@daybook/contract";
import { normaliseIp } from "../origin/address.ts";

/** Whom or what a page is about, as its address names it. */
export interface PartyName {
  kind: PartyKind;
  /** Of an actor or target; empty for an address. */
  type: string;
  id: string;
}

/** The queries that find a party's events. */
export interface PartyQueries {
  /** Everything that it took part in. */
  all: string;
  parts: { role: PartyPart["role"]; query: string; counted?: { field: "actor" | "target" | "ip"; value: string } }[];
}

/** The name that an address of the API holds. Throws invalid_request for what is no IP address or actor type. */
export function partyName(kind: PartyKind, type: string, id: string): PartyName {
  if (kind === "address") {
    const ip = normaliseIp(id);
    if (ip === null) throw new AppError("invalid_request", `'${id}' is no IP address.`);
    return { kind, type: "", id: ip };
  }
  if (kind === "actor" && !isActorType(type))
    throw new AppError("invalid_request", `'${type}' is no type of actor.`, { extra: { parameter: "type" } });
  return { kind, type, id };
}

/**
 * The queries of a party. `byId`: the id is an id; else it is the e-mail address or name of an actor that has none. What an
 * actor type names can also be a target, so the page of a user has both parts.
 */
export function partyQueries({ kind, type, id }: PartyName, byId: boolean): PartyQueries {
  if (kind === "address") {
    const query = formatKeyValue("ip", id);
    return { all: query, parts: [{ role: "did", query, counted: { field: "ip", value: id } }] };
  }
  const value = byId ? `${type}/${id}` : id;
  const target: PartyQueries["parts"][number] = {
    role: "suffered",
    query: formatKeyValue("target", value),
    counted: { field: "target", value },
  };
  if (kind === "target" && !isActorType(type)) return { all: target.query, parts: [target] };
  const parts: PartyQueries["parts"] = [
    { role: "did", query: formatKeyValue("actor", value), counted: { field: "actor", value } },
    target,
  ];
  if (type === "user" && byId) parts.push({ role: "owned", query: formatKeyValue("owner", id) });
  return { all: formatKeyValue("party", value), parts };
}

/** The network that an address is shown with its neighbours of: /24 of IPv4, /48 of IPv6, as `ip:` takes it. */
export function neighbourBlock(ip: string): string {
  const block = parseAddressBlock(ip);
  if (block === undefined) throw new Error(`${ip} is no address`);
  if (block.bytes.length === 4) return `${[...block.bytes.slice(0, 3), 0].join(".")}/24`;
  const groups = [0, 2, 4].map((at) => (((block.bytes[at] ?? 0) << 8) | (block.bytes[at + 1] ?? 0)).toString(16));
  return `${groups.join(":")}::/48`;
}
