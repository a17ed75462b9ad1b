import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { totalQuery, wholeQuery } from "../../api/events.ts";
import { totalText } from "../../lib/numbers.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Empty } from "../../ui/states.tsx";
import { activity, type Lens } from "./lens.ts";
import { useLogView } from "./view.ts";

/** An empty table: because of the range, because of the query, or because nothing was ever sent. */
export function NoRows() {
  const { lens, workspace, question, change } = useLogView();
  const everywhere = useQuery(totalQuery(workspace, wholeQuery(question)));
  const anything = useQuery({ ...totalQuery(workspace, lens.base), enabled: question.q !== "" });
  if (everywhere.isPending || (question.q !== "" && anything.isPending)) return null;
  const found = everywhere.data;
  const total = question.q === "" ? found : anything.data;
  if (total && total.value === 0) return <FirstEvent workspace={workspace} lens={lens} />;
  return (
    <Empty title="No events here">
      <p>
        {found && found.value > 0
          ? `In all time ${totalText(found)} match; none of them is in this range.`
          : "No event of this screen matches the search, in any range."}
      </p>
      <div className="actions">
        {found && found.value > 0 ? (
          <button
            type="button"
            className="btn"
            onClick={() => change({ range: "all", from: undefined, to: undefined })}
          >
            Show all time
          </button>
        ) : null}
        {question.q !== "" ? (
          <button type="button" className="btn" onClick={() => change({ q: undefined })}>
            Clear the search
          </button>
        ) : null}
      </div>
    </Empty>
  );
}

/** What Daybook says of itself; a log of nothing else is still waiting for its first event. */
const notItsOwn = "-action:auth.*,staff.*,api_key.*,log.*";

/** Below a short table: how to send the first event, as long as there are only Daybook's own. */
export function FirstHint() {
  const { lens, workspace } = useLogView();
  const others = useQuery(totalQuery(workspace, [notItsOwn, lens.base].filter(Boolean).join(" ")));
  return others.data?.value === 0 ? <FirstEvent workspace={workspace} lens={lens} /> : null;
}

function FirstEvent({ workspace, lens }: { workspace: string; lens: Lens }) {
  return (
    <Empty title={lens.first.title}>
      <p>
        {lens.first.text} Make a key under{" "}
        <Link to="/w/$workspace/api-keys" params={{ workspace }}>
          API keys
        </Link>
        , then send the first event:
      </p>
      <CopyBlock label="Command that sends a first event" text={firstCurl("$DAYBOOK_KEY", lens.first.event)} />
      <p>Or read a log that you have already, or look round in an invented company:</p>
      <CopyBlock label="Command that imports a log of sshd" text="npx daybook import sshd /var/log/auth.log" />
      <CopyBlock label="Command that fills the demo workspace" text="npx daybook demo" />
    </Empty>
  );
}

/** A command that sends one event with a key. */
export function firstCurl(key: string, event: object = activity.first.event): string {
  const members = Object.entries(event).map(([name, value]) => `    "${name}": ${spaced(value)}`);
  return `curl ${location.origin}/api/v1/events \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{
${members.join(",\n")}
  }'`;
}

/** JSON on one line, with the spaces that people put in. */
function spaced(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ").replace(/\[ /g, "[").replace(/ \]/g, "]");
}
