import type { Actor, Party, PartyPart } from "@daybook/contract";
import { useNavigate } from "@tanstack/react-router";
import { totalText } from "../../lib/numbers.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Credit } from "../../ui/credit.tsx";
import { ActorMark, Country, countryName } from "../../ui/mark.tsx";
import { Popup } from "../../ui/popup.tsx";
import { Ago } from "../../ui/time.tsx";
import { useLogView } from "../activity/view.ts";
import { PartyLink, partyOfValue } from "./party-link.tsx";
import type { PartySearch } from "./party-search.ts";

/** Who or what it is: mark, name, identity; first and last seen; and the parts of its events to choose from. */
export function PartyHead({ party }: { party: Party }) {
  return (
    <section className="party-head" aria-label="About">
      <div className="party-name">
        <Mark party={party} />
        <div>
          <b className="party-title">{party.name ?? party.email ?? party.id}</b>
          <span className="soft">
            {party.kind === "address" ? (
              "IP address"
            ) : (
              <>
                {party.type} <code>{party.id}</code>
              </>
            )}
          </span>
        </div>
        <CopyButton text={() => party.id}>Copy {party.kind === "address" ? "address" : "id"}</CopyButton>
      </div>
      <Facts party={party} />
      <Parts party={party} />
    </section>
  );
}

function Mark({ party }: { party: Party }) {
  if (party.kind !== "actor")
    return (
      <span className="party-kind" aria-hidden="true">
        {party.kind === "address" ? "IP" : (party.type ?? "?").slice(0, 2)}
      </span>
    );
  return <ActorMark actor={{ type: party.type as Actor["type"], id: party.id, name: party.name ?? party.email }} />;
}

function Facts({ party }: { party: Party }) {
  const { workspace } = useLogView();
  const { email, ownerId, country, asn, network, firstAt, lastAt } = party;
  return (
    <dl className="party-facts">
      {email ? <Fact name="E-mail">{email}</Fact> : null}
      {ownerId ? (
        <Fact name="Owner">
          <PartyLink workspace={workspace} party={{ kind: "actor", type: "user", id: ownerId }}>
            user {ownerId}
          </PartyLink>
        </Fact>
      ) : null}
      {country ? (
        <Fact name="Country">
          <Country code={country} /> {countryName(country)}
        </Fact>
      ) : null}
      {asn || network ? (
        <Fact name="Network">
          {asn ? <span className="mono">AS{asn}</span> : null} {network}
        </Fact>
      ) : null}
      {firstAt ? (
        <Fact name="First seen">
          <Ago at={firstAt} />
        </Fact>
      ) : null}
      {lastAt ? (
        <Fact name="Last seen">
          <Ago at={lastAt} />
        </Fact>
      ) : (
        <Fact name="Seen">never in this log</Fact>
      )}
      <Related party={party} />
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const reasons = {
  address: "Others from the same addresses",
  owner: "Of the same owner",
  network: "In the same network",
} as const;

function Related({ party: { related } }: { party: Party }) {
  const { workspace } = useLogView();
  const [first] = related;
  if (!first) return null;
  return (
    <div>
      <dt>Related</dt>
      <dd>
        <button type="button" className="linklike" popoverTarget="related" aria-haspopup="dialog">
          {reasons[first.because]}: {related.length}
        </button>
        <Popup id="related" label={reasons[first.because]} role="dialog" className="related">
          <div className="group-name">{reasons[first.because]}</div>
          {related.map(({ kind, value, label, count }) => {
            const party = partyOfValue(kind, value);
            return (
              <div key={value} className="related-row">
                {party ? (
                  <PartyLink workspace={workspace} party={party} className="cut" title={value}>
                    {label ?? value}
                  </PartyLink>
                ) : (
                  <span className="cut">{label ?? value}</span>
                )}
                <span className="end faint">{count}</span>
              </div>
            );
          })}
        </Popup>
      </dd>
    </div>
  );
}

const partNames = { did: "Did", suffered: "Happened to it", owned: "On what it owns" } as const;

/** Which of its events are shown; with how many did not work. */
function Parts({ party }: { party: Party }) {
  const { search } = useLogView();
  const chosen = (search as PartySearch).part;
  const name = (part: PartyPart) =>
    party.kind === "address"
      ? "From this address"
      : party.kind === "target" && party.parts.length === 1
        ? "Events"
        : partNames[part.role];
  if (party.parts.length < 2) {
    const [only] = party.parts;
    return only ? (
      <div className="party-only">
        <p>
          {name(only)}: <Counts part={only} />
        </p>
        {party.country || party.network ? <Credit /> : null}
      </div>
    ) : null;
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="party-parts" role="group" aria-label="Which events">
      <PartTab part={undefined} chosen={chosen === undefined}>
        All it took part in
      </PartTab>
      {party.parts.map((part) => (
        <PartTab key={part.role} part={part.role} chosen={chosen === part.role}>
          {name(part)} <Counts part={part} />
        </PartTab>
      ))}
    </div>
  );
}

function Counts({ part: { total, byOutcome } }: { part: PartyPart }) {
  const failed = byOutcome.failure + byOutcome.denied;
  return (
    <>
      <b>{totalText(total)}</b>
      {failed > 0 ? <span className="party-failed"> {failed.toLocaleString("en-GB")} failed</span> : null}
    </>
  );
}

interface PartTabProps {
  part: PartyPart["role"] | undefined;
  chosen: boolean;
  children: React.ReactNode;
}

function PartTab({ part, chosen, children }: PartTabProps) {
  const navigate = useNavigate();
  const show = () =>
    void navigate({ to: ".", search: (before: object) => ({ ...before, part, event: undefined }) as never });
  return (
    <button type="button" aria-pressed={chosen} onClick={show}>
      {children}
    </button>
  );
}
