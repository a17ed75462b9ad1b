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
        <Question title={title} danger={danger} act={act} onAct={onAct} onClose={() => setAsks(false)}>
          {children}
        </Question>
      ) : null}
    </>
  );
}

interface QuestionProps {
  title: string;
  danger?: boolean;
  act: string;
  onAct: () => void;
  onClose: () => void;
  children: ReactNode;
}

/** The question itself, for what is not asked by a button of its own. Open while it is drawn. */
export function Question({ title, danger = false, act, onAct, onClose, children }: QuestionProps) {
  return (
    <Modal label={title} role="alertdialog" closesOutside={false} onClose={onClose}>
      <h2>{title}</h2>
      <p className="soft">{children}</p>
      <div className="actions">
        <button type="button" className="btn" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className={danger ? "btn danger" : "btn primary"}
          onClick={() => {
            onClose();
            onAct();
          }}
        >
          {act}
        </button>
      </div>
    </Modal>
  );
}
