import type { Party } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { type PartyName, partyQuery } from "../../api/parties.ts";
import { Problem } from "../../api/request.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Failure, Skeleton } from "../../ui/states.tsx";
import { ExportMenu } from "../activity/export-menu.tsx";
import { RangePicker } from "../activity/range-picker.tsx";
import { LogViewProvider } from "../activity/view.ts";
import "./party.css";
import { PartyHead } from "./party-head.tsx";
import type { PartySearch } from "./party-search.ts";
import { Timeline } from "./timeline.tsx";
import { usePartyView } from "./use-party-view.ts";

/** The page of somebody who acts. */
export function ActorPage() {
  const { workspace, type, id } = useParams({ from: "/w/$workspace/actors/$type/$id" });
  const search = useSearch({ from: "/w/$workspace/actors/$type/$id" });
  return <PartyPage workspace={workspace} search={search} name={{ kind: "actor", type, id }} />;
}

/** The page of something that is acted on. */
export function TargetPage() {
  const { workspace, type, id } = useParams({ from: "/w/$workspace/targets/$type/$id" });
  const search = useSearch({ from: "/w/$workspace/targets/$type/$id" });
  return <PartyPage workspace={workspace} search={search} name={{ kind: "target", type, id }} />;
}

/** The page of an IP address. */
export function AddressPage() {
  const { workspace, ip } = useParams({ from: "/w/$workspace/addresses/$ip" });
  const search = useSearch({ from: "/w/$workspace/addresses/$ip" });
  return <PartyPage workspace={workspace} search={search} name={{ kind: "address", type: "", id: ip }} />;
}

interface PartyPageProps {
  workspace: string;
  name: PartyName;
  search: PartySearch;
}

const kindNames = { actor: "Actor", target: "Target", address: "Address" } as const;

function PartyPage({ workspace, name, search }: PartyPageProps) {
  const read = useQuery(partyQuery(workspace, name));
  if (read.data) {
    const key = `${name.kind}/${name.type}/${name.id}`;
    return <PartyInFull key={key} workspace={workspace} party={read.data} search={search} />;
  }
  const missing = read.error instanceof Problem && read.error.status === 404;
  return (
    <div className="activity party">
      <ScreenHeader name={kindNames[name.kind]} />
      {missing ? (
        <Empty title="The log has nothing of this">
          <p>
            There is no event of <code>{[name.type, name.id].filter(Boolean).join("/")}</code> that you may see. As soon
            as one arrives, this page has it.
          </p>
          <Link className="btn" to="/w/$workspace/activity" params={{ workspace }} search={{}}>
            To the activity
          </Link>
        </Empty>
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : (
        <Skeleton lines={14} label="Reading the log" />
      )}
    </div>
  );
}

function PartyInFull({ workspace, party, search }: { workspace: string; party: Party; search: PartySearch }) {
  const title = party.name ?? party.email ?? party.id;
  const base = party.parts.find((part) => part.role === search.part)?.query ?? party.query;
  const view = usePartyView(workspace, search, title, base);
  const header = (
    <>
      <ScreenHeader name={title}>
        <span className="party-where faint">{kindNames[party.kind]}</span>
        <div className="controls">
          <RangePicker />
          <Link
            className="btn"
            to="/w/$workspace/activity"
            params={{ workspace }}
            search={{ q: base, range: "all" }}
            title={`Search with ${base}`}
          >
            <Icon name="search" size={14} />
            <span className="word">Search in it</span>
          </Link>
          <ExportMenu />
        </div>
      </ScreenHeader>
      <PartyHead party={party} />
    </>
  );
  return (
    <LogViewProvider value={view}>
      <Timeline header={header} />
    </LogViewProvider>
  );
}
