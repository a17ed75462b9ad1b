import { type ReactNode, useEffect, useRef } from "react";

interface ModalProps {
  label: string;
  className?: string;
  role?: "alertdialog";
  /** Closes when the veil is clicked too; not for questions. */
  closesOutside?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** The browser's own modal dialog: it keeps the focus inside, closes with Esc, and gives the focus back. Open while it is drawn. */
export function Modal({ label, className = "dialog", role, closesOutside = true, onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Esc closes a dialog by itself
    <dialog
      ref={dialog}
      role={role}
      className={className}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => closesOutside && event.target === dialog.current && onClose()}
    >
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}
