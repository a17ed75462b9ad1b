import type { Actor, Event, Target } from "@daybook/contract";
import { actorTypeName, Country, countryName, OutcomePill } from "../../../ui/mark.tsx";
import { FullTime } from "../../../ui/time.tsx";
import { actorName, targetName } from "../sentence.ts";
import { actorFilter, targetFilter } from "../table/cells.tsx";
import { FilterLink } from "./filter-link.tsx";

/** Longer than this between the act and its arrival is worth a line of its own. */
const LATE_MS = 60_000;

const authNames = { session: "session", api_key: "API key", oauth: "OAuth", ssh: "SSH", cli: "command line" } as const;

/** Who, what, on what, from where: the event as a list of terms. */
export function Facts({ event }: { event: Event }) {
  const { origin } = event;
  const late = Date.parse(event.recordedAt) - Date.parse(event.occurredAt) > LATE_MS;
  return (
    <dl className="facts">
      <Fact name="Who">
        <ActorFact actor={event.actor} />
      </Fact>
      {event.onBehalfOf ? (
        <Fact name="On behalf of">
          <ActorFact actor={event.onBehalfOf} />
        </Fact>
      ) : null}
      <Fact name="What">
        <FilterLink filter={{ key: "action", value: event.action }} className="mono">
          {event.action}
        </FilterLink>{" "}
        <span className="soft">
          {event.kind} · {event.severity}
        </span>
      </Fact>
      {event.targets.map((target, index) => (
        <Fact key={`${target.type}/${target.id}`} name={index === 0 ? "On" : "and"}>
          <TargetFact target={target} />
        </Fact>
      ))}
      <Fact name="Outcome">
        {event.outcome === "success" ? <span className="ok">success</span> : <OutcomePill outcome={event.outcome} />}{" "}
        {event.reason ? <FilterLink filter={{ key: "reason", value: event.reason }}>{event.reason}</FilterLink> : null}
      </Fact>
      {origin.ip || origin.browser || origin.auth ? (
        <Fact name="From">
          {origin.ip ? (
            <FilterLink filter={{ key: "ip", value: origin.ip }} className="mono">
              {origin.ip}
            </FilterLink>
          ) : null}{" "}
          {origin.country ? (
            <span>
              <Country code={origin.country} /> {countryName(origin.country)}
            </span>
          ) : null}{" "}
          {origin.asn ? (
            <FilterLink filter={{ key: "asn", value: String(origin.asn) }}>
              AS{origin.asn} {origin.network ?? ""}
            </FilterLink>
          ) : null}
          <span className="soft line" title={origin.userAgent}>
            {[origin.browser, origin.os, origin.auth && authNames[origin.auth]].filter(Boolean).join(" · ") ||
              origin.userAgent}
          </span>
        </Fact>
      ) : null}
      <Reference name="Request" searchKey="request" value={origin.requestId} />
      <Reference name="Session" searchKey="session" value={origin.sessionId} />
      <Reference name="Project" searchKey="project" value={event.project} />
      {late ? (
        <Fact name="Recorded">
          <span className="soft">
            <FullTime at={event.recordedAt} />
          </span>
        </Fact>
      ) : null}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function ActorFact({ actor }: { actor: Actor }) {
  return (
    <>
      <FilterLink filter={actorFilter(actor)}>{actorName(actor)}</FilterLink>{" "}
      <span className="soft">
        {[
          actorTypeName(actor.type),
          actor.email !== actor.name && actor.email,
          actor.id !== actor.name && actor.id && `id ${actor.id}`,
        ]
          .filter(Boolean)
          .join(" · ")}
      </span>
    </>
  );
}

function TargetFact({ target }: { target: Target }) {
  return (
    <>
      <FilterLink filter={targetFilter(target)}>{targetName(target)}</FilterLink>{" "}
      <span className="soft">
        {[target.type, target.name && target.name !== target.id && target.id].filter(Boolean).join(" · ")}
        {target.ownerId ? (
          <>
            {" · owned by "}
            <FilterLink filter={{ key: "owner", value: target.ownerId }}>{target.ownerId}</FilterLink>
          </>
        ) : null}
      </span>
    </>
  );
}

function Reference({ name, searchKey, value }: { name: string; searchKey: string; value: string | undefined }) {
  if (!value) return null;
  return (
    <Fact name={name}>
      <FilterLink filter={{ key: searchKey, value }} className="mono">
        {value}
      </FilterLink>
    </Fact>
  );
}
