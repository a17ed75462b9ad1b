import { Link } from "@tanstack/react-router";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Empty } from "../../ui/states.tsx";
import type { TaskView } from "./use-task-view.ts";

/** Filters that narrow; without them and over all time, nothing was ever sent. */
const narrowing = ["q", "status", "type", "user", "node", "target", "schedule", "parent", "slow"] as const;

/** An empty table: because of the filter, because of the range, or because there was no task yet. */
export function NoTasks({ view }: { view: TaskView }) {
  const { search, change, workspace } = view;
  const filtered = narrowing.some((key) => search[key] !== undefined);
  const ranged = search.range !== "all";
  if (filtered || search.from || search.to)
    return (
      <Empty title="No tasks here">
        <p>No task of this range fits the filter.</p>
        <div className="actions">
          {filtered ? (
            <button
              type="button"
              className="btn"
              onClick={() => change(Object.fromEntries(narrowing.map((key) => [key, undefined])))}
            >
              Clear the filter
            </button>
          ) : null}
          {ranged ? (
            <button
              type="button"
              className="btn"
              onClick={() => change({ range: "all", from: undefined, to: undefined })}
            >
              Show all time
            </button>
          ) : null}
        </div>
      </Empty>
    );
  return (
    <Empty title="No tasks yet">
      <p>
        Deploys, backups, migrations, imports: every long job stands here with how far it is, what it writes and why it
        failed. Make a key under{" "}
        <Link to="/w/$workspace/api-keys" params={{ workspace }}>
          API keys
        </Link>
        , then report the first one from your panel:
      </p>
      <CopyBlock label="Command that reports a first task" text={firstTask()} />
      <p>It answers with the task's id. Say how far it is, and how it ended:</p>
      <CopyBlock label="Command that completes the task" text={lastStep()} />
      <p>Or look round in an invented company:</p>
      <CopyBlock label="Command that fills the demo workspace" text="npx daybook demo" />
      {ranged ? (
        <button type="button" className="btn" onClick={() => change({ range: "all" })}>
          Show all time
        </button>
      ) : null}
    </Empty>
  );
}

function firstTask(): string {
  return `curl ${location.origin}/api/v1/tasks \\
  -H "Authorization: Bearer $DAYBOOK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
    "type": "instance.deploy",
    "title": "Deploy web-1",
    "status": "running",
    "targets": [{ "type": "server", "id": "srv-1", "name": "web-1" }]
  }'`;
}

function lastStep(): string {
  return `curl -X PATCH ${location.origin}/api/v1/tasks/$TASK \\
  -H "Authorization: Bearer $DAYBOOK_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{ "progress": 100, "status": "completed" }'`;
}
