import { type ReactNode, useState } from "react";
import { Modal } from "./modal.tsx";

interface ConfirmProps {
  /** What the button that asks says, and what it is called where that is not enough. */
  name: string;
  label?: string;
  danger?: boolean;
  title: string;
  children: ReactNode;
  act: string;
  onAct: () => void;
}

/** A button that asks before it does something that cannot be taken back. */
export function Confirm({ name, label, danger = false, title, children, act, onAct }: ConfirmProps) {
  const [asks, setAsks] = useState(false);
  return (
    <>
      <button
        type="button"
        className={danger ? "btn small danger" : "btn small"}
        aria-label={label}
        onClick={() => setAsks(true)}
      >
        {name}
      </button>
      {asks ? (
        <Modal label={title} role="alertdialog" closesOutside={false} onClose={() => setAsks(false)}>
          <h2>{title}</h2>
          <p className="soft">{children}</p>
          <div className="actions">
            <button type="button" className="btn" onClick={() => setAsks(false)}>
              Cancel
            </button>
            <button
              type="button"
              className={danger ? "btn danger" : "btn primary"}
              onClick={() => {
                setAsks(false);
                onAct();
              }}
            >
              {act}
            </button>
          </div>
        </Modal>
      ) : null}
    </>
  );
}
