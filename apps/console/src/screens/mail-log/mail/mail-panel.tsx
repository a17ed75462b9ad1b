import { useParams } from "@tanstack/react-router";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { Modal } from "../../../ui/modal.tsx";
import "../../activity/panel/panel.css";
import { MailInFull } from "./mail-in-full.tsx";

interface MailPanelProps {
  id: string;
  narrow: boolean;
  onClose: () => void;
}

/** The side panel: one mail in full. On a narrow screen it fills the screen. */
export function MailPanel({ id, narrow, onClose }: MailPanelProps) {
  if (!narrow)
    return (
      <aside className="panel mail-panel" aria-label="Mail">
        <PanelOf id={id} onClose={onClose} />
      </aside>
    );
  return (
    <Modal label="Mail" className="panel full mail-panel" onClose={onClose}>
      <PanelOf id={id} onClose={onClose} />
    </Modal>
  );
}

function PanelOf({ id, onClose }: { id: string; onClose: () => void }) {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const page = `/w/${encodeURIComponent(workspace)}/mail-log/${id}`;
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
      <MailInFull key={id} workspace={workspace} id={id} layout="panel" />
    </>
  );
}
