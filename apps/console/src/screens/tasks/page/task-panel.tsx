import { useParams } from "@tanstack/react-router";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { Modal } from "../../../ui/modal.tsx";
import "../../activity/panel/panel.css";
import { TaskInFull } from "./task-in-full.tsx";

interface TaskPanelProps {
  id: string;
  narrow: boolean;
  onClose: () => void;
}

/** The side panel: one task in full. On a narrow screen it fills the screen. */
export function TaskPanel({ id, narrow, onClose }: TaskPanelProps) {
  if (!narrow)
    return (
      <aside className="panel task-panel" aria-label="Task">
        <PanelOf id={id} onClose={onClose} />
      </aside>
    );
  return (
    <Modal label="Task" className="panel full task-panel" onClose={onClose}>
      <PanelOf id={id} onClose={onClose} />
    </Modal>
  );
}

function PanelOf({ id, onClose }: { id: string; onClose: () => void }) {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const page = `/w/${encodeURIComponent(workspace)}/tasks/${id}`;
  return (
    <>
      <div className="panel-tools">
        <a className="btn" href={page}>
          Own page
        </a>
        <CopyButton text={() => new URL(page, location.href).href}>
          <Icon name="link" size={14} />
          Copy link
        </CopyButton>
        <button type="button" className="btn square" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" size={14} />
        </button>
      </div>
      <TaskInFull key={id} workspace={workspace} id={id} layout="panel" />
    </>
  );
}
