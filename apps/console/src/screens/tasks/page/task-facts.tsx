import type { TaskDetail } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { FullTime } from "../../../ui/time.tsx";
import { targetName } from "../../activity/sentence.ts";
import { PartyLink, targetParty } from "../../party/party-link.tsx";
import { type TaskPatch, useTaskView } from "../use-task-view.ts";

const executors = {
  reported: "the panel, which reports it",
  handler: "a worker of Daybook",
  endpoint: "the panel, called by Daybook",
  command: "a command of Daybook",
} as const;

/** Who asked, for whom, on what, where: as terms that lead on. */
export function TaskFacts({ workspace, task }: { workspace: string; task: TaskDetail }) {
  const asked = task.happenings.find(({ happening }) => happening === "created")?.by;
  return (
    <dl className="facts task-facts">
      {asked ? <Fact name="Asked by">{asked}</Fact> : null}
      {task.user ? (
        <Fact name="For">
          <PartyLink workspace={workspace} party={{ kind: "actor", type: "user", id: task.user.id }}>
            {task.user.name ?? task.user.id}
          </PartyLink>{" "}
          <More workspace={workspace} patch={{ user: task.user.id }} what="tasks of this user" />
        </Fact>
      ) : null}
      {task.targets.map((target, index) => (
        <Fact key={`${target.type}/${target.id}`} name={index === 0 ? "On" : "and"}>
          <PartyLink workspace={workspace} party={targetParty(target)}>
            {targetName(target)}
          </PartyLink>{" "}
          <span className="soft">{target.type}</span>{" "}
          <More workspace={workspace} patch={{ target: `${target.type}/${target.id}` }} what="its tasks" />
        </Fact>
      ))}
      {task.node ? (
        <Fact name="Node">
          {task.node} <More workspace={workspace} patch={{ node: task.node }} what="tasks of this node" />
        </Fact>
      ) : null}
      <Fact name="Type">
        <span className="mono">{task.type}</span>{" "}
        <More workspace={workspace} patch={{ type: task.type }} what="tasks of this type" />
      </Fact>
      {task.scheduleName ? (
        <Fact name="Schedule">
          <Link to="/w/$workspace/schedules/$name" params={{ workspace, name: task.scheduleName }}>
            {task.scheduleName}
          </Link>
        </Fact>
      ) : null}
      {task.parentId ? (
        <Fact name="Part of">
          <Link to="/w/$workspace/tasks/$id" params={{ workspace, id: task.parentId }}>
            another task
          </Link>
        </Fact>
      ) : null}
      {task.type.startsWith("task.") || task.type.startsWith("daybook.") ? (
        <Fact name="Parts">
          <More workspace={workspace} patch={{ parent: task.id, range: "all" }} what="tasks that it takes in" />
        </Fact>
      ) : null}
      <WhenAndWhere task={task} />
      <Fact name="Id">
        <span className="mono">{task.id}</span>
      </Fact>
    </dl>
  );
}

/** Who runs it, and its times. */
function WhenAndWhere({ task }: { task: TaskDetail }) {
  return (
    <>
      <Fact name="Run by">
        {executors[task.executor]}
        {task.worker ? <span className="soft"> · {task.worker}</span> : null}
      </Fact>
      <Fact name="Queued">
        <FullTime at={task.queuedAt} />
      </Fact>
      {task.startedAt ? (
        <Fact name="Started">
          <FullTime at={task.startedAt} />
        </Fact>
      ) : null}
      {task.finishedAt ? (
        <Fact name="Ended">
          <FullTime at={task.finishedAt} />
        </Fact>
      ) : null}
      {task.status === "running" && task.heartbeatAt ? (
        <Fact name="Heard of">
          <FullTime at={task.heartbeatAt} />
        </Fact>
      ) : null}
    </>
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

/** Others like it: beside the list as a filter of it, else as a link to the list. */
function More({ workspace, patch, what }: { workspace: string; patch: TaskPatch; what: string }) {
  const view = useTaskView();
  if (view)
    return (
      <button type="button" className="linklike more-like" onClick={() => view.change({ ...patch })}>
        {what}
      </button>
    );
  return (
    <Link className="more-like" to="/w/$workspace/tasks" params={{ workspace }} search={patch as never}>
      {what}
    </Link>
  );
}
