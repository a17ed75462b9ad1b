import type { Event } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { totalQuery } from "../../../api/events.ts";
import type { PartyName } from "../../../api/parties.ts";
import { useMay } from "../../../lib/may.ts";
import { totalText } from "../../../lib/numbers.ts";
import { actorParty, addressParty, PartyLink, targetParty } from "../../party/party-link.tsx";
import { term } from "../search/query-text.ts";
import { actorName, targetName } from "../sentence.ts";
import { actorFilter, targetFilter } from "../table/cells.tsx";
import { useLogView } from "../view.ts";
import { FilterLink } from "./filter-link.tsx";

/** Where an event leads on to: what belongs to it, everything by the same actor, on the same target, from the same place; and their pages. */
export function LookFurther({ event }: { event: Event }) {
  const { workspace } = useLogView();
  const { actor, targets, origin } = event;
  const [main] = targets;
  return (
    <section>
      <h3>Look further</h3>
      <ul className="further">
        <li>
          <Link to="/w/$workspace/trace/$id" params={{ workspace, id: event.id }} search={{}}>
            Trace
          </Link>{" "}
          <span className="faint">its request, session and neighbours</span>
        </li>
        {targets.map((target) => (
          <Work key={`${target.type}/${target.id}`} target={target} />
        ))}
        <Further text={`Everything by ${actorName(actor)}`} filter={actorFilter(actor)} page={actorParty(actor)} />
        {main ? (
          <Further text={`Everything on ${targetName(main)}`} filter={targetFilter(main)} page={targetParty(main)} />
        ) : null}
        {origin.ip ? (
          <Further
            text={`Everything from ${origin.ip}`}
            filter={{ key: "ip", value: origin.ip }}
            page={addressParty(origin.ip)}
          />
        ) : null}
        {origin.requestId ? (
          <Further text="Everything in this request" filter={{ key: "request", value: origin.requestId }} />
        ) : null}
        {origin.sessionId ? (
          <Further text="Everything in this session" filter={{ key: "session", value: origin.sessionId }} />
        ) : null}
      </ul>
    </section>
  );
}

/** The page of a task or a schedule that the event is about. */
function Work({ target: { type, id, name } }: { target: Event["targets"][number] }) {
  const { workspace } = useLogView();
  const may = useMay("tasks.read");
  if (!may || (type !== "task" && type !== "schedule")) return null;
  return (
    <li>
      {type === "task" ? (
        <Link to="/w/$workspace/tasks/$id" params={{ workspace, id }}>
          The task {name ?? id}
        </Link>
      ) : (
        <Link to="/w/$workspace/schedules/$name" params={{ workspace, name: id }}>
          The schedule {name ?? id}
        </Link>
      )}{" "}
      <span className="faint">{type === "task" ? "how it went, and what it wrote" : "its runs"}</span>
    </li>
  );
}

interface FurtherProps {
  text: string;
  filter: { key: string; value: string };
  page?: PartyName | undefined;
}

function Further({ text, filter, page }: FurtherProps) {
  const { workspace } = useLogView();
  const total = useQuery(totalQuery(workspace, term(filter.key, filter.value)));
  return (
    <li>
      <FilterLink filter={filter}>{text}</FilterLink>{" "}
      <span className="faint">{total.data ? totalText(total.data) : ""}</span>
      {page ? (
        <>
          {" "}
          <PartyLink workspace={workspace} party={page} className="page-link" title={`The page of ${page.id}`}>
            Page<span className="only-read"> of {page.id}</span>
          </PartyLink>
        </>
      ) : null}
    </li>
  );
}
