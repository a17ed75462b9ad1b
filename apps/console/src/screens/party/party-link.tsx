import type { Event } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { PartyName } from "../../api/parties.ts";

/** The page of an actor; of one without an id, by the e-mail address or name. Undefined for one that has neither. */
export function actorParty(actor: Event["actor"]): PartyName | undefined {
  const id = actor.id ?? actor.email ?? actor.name;
  return id ? { kind: "actor", type: actor.type, id } : undefined;
}

export function targetParty(target: Event["targets"][number]): PartyName {
  return { kind: "target", type: target.type, id: target.id };
}

export function addressParty(ip: string): PartyName {
  return { kind: "address", type: "", id: ip };
}

/** The party that a counted value names: `type/id`, or an address. Undefined for what is only a name. */
export function partyOfValue(kind: PartyName["kind"], value: string): PartyName | undefined {
  if (kind === "address") return addressParty(value);
  const slash = value.indexOf("/");
  return slash < 1 ? undefined : { kind, type: value.slice(0, slash), id: value.slice(slash + 1) };
}

interface PartyLinkProps {
  workspace: string;
  party: PartyName;
  className?: string;
  title?: string;
  children: ReactNode;
}

/** A link to the page of an actor, a target or an address. */
export function PartyLink({ workspace, party, children, ...more }: PartyLinkProps) {
  const { kind, type, id } = party;
  if (kind === "address")
    return (
      <Link to="/w/$workspace/addresses/$ip" params={{ workspace, ip: id }} search={{}} {...more}>
        {children}
      </Link>
    );
  const to = kind === "actor" ? "/w/$workspace/actors/$type/$id" : "/w/$workspace/targets/$type/$id";
  return (
    <Link to={to} params={{ workspace, type, id }} search={{}} {...more}>
      {children}
    </Link>
  );
}
