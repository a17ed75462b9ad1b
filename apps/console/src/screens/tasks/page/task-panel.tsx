import { useParams } from "@tanstack/react-router";
import { SidePanel } from "../../../ui/side-panel.tsx";
import { TaskInFull } from "./task-in-full.tsx";

interface TaskPanelProps {
  id: string;
  narrow: boolean;
  onClose: () => void;
}

/** The side panel: one task in full. */
export function TaskPanel({ id, narrow, onClose }: TaskPanelProps) {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const page = `/w/${encodeURIComponent(workspace)}/tasks/${id}`;
  return (
    <SidePanel label="Task" className="task-panel" page={page} narrow={narrow} onClose={onClose}>
      <TaskInFull key={id} workspace={workspace} id={id} layout="panel" />
    </SidePanel>
  );
}
