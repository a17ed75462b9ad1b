import type { Event } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { totalQuery } from "../../../api/events.ts";
import { totalText } from "../../../lib/numbers.ts";
import { term } from "../search/query-text.ts";
import { actorName, targetName } from "../sentence.ts";
import { actorFilter, targetFilter } from "../table/cells.tsx";
import { useLogView } from "../view.ts";
import { FilterLink } from "./filter-link.tsx";

/** Where an event leads on to: everything by the same actor, on the same target, from the same place. */
export function LookFurther({ event }: { event: Event }) {
  const { actor, targets, origin } = event;
  const [main] = targets;
  return (
    <section>
      <h3>Look further</h3>
      <ul className="further">
        <Further text={`Everything by ${actorName(actor)}`} filter={actorFilter(actor)} />
        {main ? <Further text={`Everything on ${targetName(main)}`} filter={targetFilter(main)} /> : null}
        {origin.ip ? <Further text={`Everything from ${origin.ip}`} filter={{ key: "ip", value: origin.ip }} /> : null}
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

function Further({ text, filter }: { text: string; filter: { key: string; value: string } }) {
  const { workspace } = useLogView();
  const total = useQuery(totalQuery(workspace, term(filter.key, filter.value)));
  return (
    <li>
      <FilterLink filter={filter}>{text}</FilterLink>{" "}
      <span className="faint">{total.data ? totalText(total.data) : ""}</span>
    </li>
  );
}
