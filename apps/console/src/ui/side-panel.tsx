import type { ReactNode } from "react";
import "../screens/activity/panel/panel.css";
import { CopyButton } from "./copy-button.tsx";
import { Icon } from "./icon.tsx";
import { Modal } from "./modal.tsx";

interface SidePanelProps {
  /** What it shows: "Task". */
  label: string;
  className: string;
  /** The path of the page that shows the same alone. */
  page: string;
  narrow: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** Something beside the list in which it was chosen. On a narrow screen it fills the screen. */
export function SidePanel({ label, className, page, narrow, onClose, children }: SidePanelProps) {
  const parts = (
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
      {children}
    </>
  );
  if (!narrow)
    return (
      <aside className={`panel ${className}`} aria-label={label}>
        {parts}
      </aside>
    );
  return (
    <Modal label={label} className={`panel full ${className}`} onClose={onClose}>
      {parts}
    </Modal>
  );
}
