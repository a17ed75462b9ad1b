import type { Event } from "@daybook/contract";
import { ActorMark, actorTypeName, Country, OutcomePill } from "../../../ui/mark.tsx";
import { ShortTime } from "../../../ui/time.tsx";
import { actorName, type Piece, rowSentence, targetName } from "../sentence.ts";

/** A column of the table: its head, its cell, and the term that `f` filters by. */
export interface Column {
  name: "time" | "who" | "what" | "target" | "from" | "outcome";
  head: string;
  cell: (event: Event) => React.ReactNode;
  filter: (event: Event) => { key: string; value: string } | null;
}

export const columns: readonly Column[] = [
  {
    name: "time",
    head: "Time",
    cell: (event) => <ShortTime at={event.occurredAt} />,
    filter: () => null,
  },
  {
    name: "who",
    head: "Who",
    cell: (event) => (
      <span className="actor" title={`${actorName(event.actor)}, ${actorTypeName(event.actor.type)}`}>
        <ActorMark actor={event.actor} />
        <span className="cut">{actorName(event.actor)}</span>
        <span className="only-read">({actorTypeName(event.actor.type)})</span>
      </span>
    ),
    filter: ({ actor }) => actorFilter(actor),
  },
  {
    name: "what",
    head: "What",
    cell: (event) => <Sentence pieces={rowSentence(event)} />,
    filter: (event) => ({ key: "action", value: event.action }),
  },
  {
    name: "target",
    head: "Target",
    cell: (event) => {
      const [main] = event.targets;
      return main ? (
        <span title={`${main.type} ${main.id}`}>
          <span className="soft">{main.type}</span> {targetName(main)}
          {event.targets.length > 1 ? <span className="faint"> +{event.targets.length - 1}</span> : null}
        </span>
      ) : null;
    },
    filter: (event) => (event.targets[0] ? targetFilter(event.targets[0]) : null),
  },
  {
    name: "from",
    head: "From",
    cell: ({ origin }) => (
      <>
        {origin.country ? <Country code={origin.country} /> : null}
        <span className="mono">{origin.ip}</span>
        {origin.network ? <span className="network faint">{origin.network}</span> : null}
      </>
    ),
    filter: ({ origin }) => (origin.ip ? { key: "ip", value: origin.ip } : null),
  },
  {
    name: "outcome",
    head: "Outcome",
    cell: (event) => <OutcomePill outcome={event.outcome} />,
    filter: (event) => ({ key: "outcome", value: event.outcome }),
  },
];

/** An actor by what stays the same: the id, with the type; else the address, else the name. */
export function actorFilter(actor: Event["actor"]): { key: string; value: string } {
  if (actor.id) return { key: "actor", value: `${actor.type}/${actor.id}` };
  return { key: "actor", value: actor.email ?? actor.name ?? actor.type };
}

export function targetFilter(target: Event["targets"][number]): { key: string; value: string } {
  return { key: "target", value: `${target.type}/${target.id}` };
}

export function Sentence({ pieces }: { pieces: Piece[] }) {
  return pieces.map((piece, index) =>
    piece.target ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of a sentence keep their places
      <span className="target-name" key={index}>
        {piece.text}
      </span>
    ) : (
      piece.text
    ),
  );
}
