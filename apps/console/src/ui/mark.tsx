import type { Actor, Outcome } from "@daybook/contract";
import { flagOf, hasFlags } from "../lib/flags.ts";
import { Icon } from "./icon.tsx";

/** Grounds that white letters are readable on (at least 4.5:1). */
const colours = [
  "#0f766e",
  "#a21caf",
  "#4f46e5",
  "#a3460a",
  "#0369a1",
  "#be123c",
  "#4d7c0f",
  "#7c3aed",
  "#0e7490",
  "#9d174d",
];

const typeNames = {
  user: "user",
  staff: "staff",
  api_key: "API key",
  system: "system",
  anonymous: "anonymous",
} as const;

export function actorTypeName(type: Actor["type"]): string {
  return typeNames[type];
}

/** Who acted, as a mark: initials in a circle for people, a square for machines, a question mark for nobody known. */
export function ActorMark({ actor }: { actor: Actor }) {
  const name = actor.name || actor.email || actor.id || "";
  if (actor.type === "anonymous") {
    return (
      <span className="avatar unknown" aria-hidden="true">
        ?
      </span>
    );
  }
  const machine = actor.type === "api_key" || actor.type === "system";
  const letters = actor.type === "api_key" ? "K" : initials(name) || "S";
  return (
    <span
      className={machine ? "avatar machine" : "avatar"}
      style={{ background: machine ? "#5b6472" : colourOf(actor.id ?? name) }}
      aria-hidden="true"
    >
      {letters}
    </span>
  );
}

function initials(name: string): string {
  const words = name.split("@")[0]?.match(/[\p{L}\p{N}]+/gu) ?? [];
  const first = words[0]?.[0] ?? "";
  const last = words.length > 1 ? (words.at(-1)?.[0] ?? "") : "";
  return (first + last).toUpperCase();
}

function colourOf(text: string): string {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (hash * 31 + text.charCodeAt(at)) | 0;
  return colours[Math.abs(hash) % colours.length] ?? "#4f46e5";
}

const countryNames = new Intl.DisplayNames("en", { type: "region", fallback: "code" });

export function countryName(code: string): string {
  try {
    return countryNames.of(code.toUpperCase()) ?? code;
  } catch {
    return code;
  }
}

/** A country with its flag and its name; where there are no pictures of flags, with its letters. */
export function CountryInFull({ code }: { code: string }) {
  return (
    <>
      {hasFlags() ? <span aria-hidden="true">{flagOf(code)} </span> : <Country code={code} />}
      {countryName(code)}
    </>
  );
}

export function Country({ code }: { code: string }) {
  return (
    <abbr className="badge" title={countryName(code)}>
      {code.toUpperCase()}
    </abbr>
  );
}

export function OutcomePill({ outcome }: { outcome: Outcome }) {
  if (outcome !== "success") return <span className={`pill ${outcome}`}>{outcome}</span>;
  return (
    <span className="pill success" title="success">
      <Icon name="check" size={13} />
      <span className="only-read">success</span>
    </span>
  );
}
