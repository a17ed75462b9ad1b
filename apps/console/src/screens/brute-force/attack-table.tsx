import type { Attack, Attacks } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { count } from "../../lib/numbers.ts";
import { Icon } from "../../ui/icon.tsx";
import { Country } from "../../ui/mark.tsx";
import { ShortTime } from "../../ui/time.tsx";
import { term } from "../activity/search/query-text.ts";
import { useLogView } from "../activity/view.ts";
import { PartyLink, partyOfValue } from "../party/party-link.tsx";

/** The groups, those that got in first. On a narrow screen each is a block of lines. */
export function AttackTable({ found }: { found: Attacks }) {
  const byAddress = found.by === "address";
  return (
    <table className="attacks">
      <caption className="only-read">Brute force {byAddress ? "by address" : "by account"}</caption>
      <thead>
        <tr>
          <th scope="col">{byAddress ? "Address" : "Account"}</th>
          <th scope="col" className="number">
            Failed
          </th>
          <th scope="col" className="number" title={`The most within ${found.minutes} minutes`}>
            Worst
          </th>
          <th scope="col">{byAddress ? "Accounts tried" : "From addresses"}</th>
          <th scope="col">First</th>
          <th scope="col">Last</th>
          <th scope="col">Then got in</th>
        </tr>
      </thead>
      <tbody>
        {found.items.map((item) => (
          <AttackRow key={item.value} item={item} by={found.by} />
        ))}
      </tbody>
    </table>
  );
}

function AttackRow({ item, by }: { item: Attack; by: Attacks["by"] }) {
  const { workspace, search } = useLogView();
  const key = by === "address" ? "ip" : "actor";
  const { range, from, to } = search;
  return (
    <tr data-in={item.succeededAt !== undefined}>
      <th scope="row" className="attack-who">
        <Value value={item.value} by={by} label={item.label} />
        {item.country || item.network ? (
          <span className="attack-where">
            {item.country ? <Country code={item.country} /> : null}{" "}
            <span className="faint">{item.network ?? (item.asn ? `AS${item.asn}` : "")}</span>
          </span>
        ) : null}
      </th>
      <td className="number" data-name="Failed">
        <Link
          to="/w/$workspace/logins"
          params={{ workspace }}
          search={{
            q: `${term(key, item.value)} outcome:failure,denied`,
            ...(range && { range }),
            ...(from && { from }),
            ...(to && { to }),
          }}
          title="Show these sign-ins"
        >
          {count(item.failures)}
        </Link>
      </td>
      <td className="number" data-name="Worst">
        {count(item.burst)}
      </td>
      <td data-name={by === "address" ? "Accounts tried" : "From addresses"} className="attack-tried">
        {item.others === 1 && item.examples[0] === "anonymous" ? null : <b>{count(item.others)} </b>}
        <span className="soft" title={item.examples.join(", ")}>
          {item.examples.map(accountText).join(", ")}
          {item.others > item.examples.length ? ", …" : ""}
        </span>
      </td>
      <td data-name="First">
        <ShortTime at={item.firstAt} />
      </td>
      <td data-name="Last">
        <ShortTime at={item.lastAt} />
      </td>
      <td data-name="Then got in">{item.succeededAt ? <GotIn item={item} at={item.succeededAt} /> : <No />}</td>
    </tr>
  );
}

function Value({ value, by, label }: { value: string; by: Attacks["by"]; label: string | undefined }) {
  const { workspace } = useLogView();
  const party = partyOfValue(by === "address" ? "address" : "actor", value);
  const text = label ?? accountText(value);
  const className = by === "address" ? "mono" : undefined;
  if (!party) return <span className={className}>{text}</span>;
  return (
    <PartyLink workspace={workspace} party={party} title={value} {...(className && { className })}>
      {text}
    </PartyLink>
  );
}

function GotIn({ item, at }: { item: Attack; at: string }) {
  const { workspace } = useLogView();
  return (
    <Link
      className="attack-in"
      to="/w/$workspace/trace/$id"
      params={{ workspace, id: item.successId ?? "" }}
      search={{}}
      title="Trace from this sign-in"
    >
      <Icon name="warning" size={13} />
      <span>
        <ShortTime at={at} />
        {item.succeededAs ? ` ${item.succeededAs.includes("/") ? "as" : "from"} ${accountText(item.succeededAs)}` : ""}
      </span>
    </Link>
  );
}

/** An account as people call it; most are users. Somebody without a name or id tried one that does not exist. */
function accountText(value: string): string {
  return value === "anonymous" ? "no known account" : value.replace(/^user\//, "");
}

function No() {
  return <span className="faint">no</span>;
}
