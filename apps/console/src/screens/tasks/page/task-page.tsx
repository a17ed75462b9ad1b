import { Link, useParams } from "@tanstack/react-router";
import { ScreenHeader } from "../../../frame/screen-header.tsx";
import "../../activity/activity.css";
import "../../activity/bar/bar.css";
import "../../activity/panel/panel.css";
import "../tasks.css";
import { TaskInFull } from "./task-in-full.tsx";

/** The page of one task. */
export function TaskPage() {
  const { workspace, id } = useParams({ from: "/w/$workspace/tasks/$id" });
  return (
    <div className="task-page">
      <ScreenHeader name="Task">
        <div className="header-actions">
          <Link className="btn" to="/w/$workspace/tasks" params={{ workspace }} search={{}}>
            All tasks
          </Link>
        </div>
      </ScreenHeader>
      <TaskInFull key={id} workspace={workspace} id={id} layout="page" />
    </div>
  );
}
