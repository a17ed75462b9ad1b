import { actorTypes } from "./event-terms.ts";

/** What a page can be about: somebody who acts, something that is acted on, or an address that acts come from. */
export const partyKinds = ["actor", "target", "address"] as const;
export type PartyKind = (typeof partyKinds)[number];

export const isActorType = (type: string): boolean => (actorTypes as readonly string[]).includes(type);
