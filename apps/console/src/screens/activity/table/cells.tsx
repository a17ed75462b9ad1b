import type { Event } from "@daybook/contract";
import type { Piece } from "../sentence.ts";

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
