import { useEffect, useState } from "react";
import { Modal } from "../ui/modal.tsx";
import { isTyping, keyList } from "./keys.ts";
import { shortcutsOpen } from "./signals.ts";

/** The list of keys, opened with `?`. */
export function ShortcutHelp() {
  const [open, setOpen] = useState(false);
  useEffect(() => shortcutsOpen.listen(() => setOpen(true)), []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== "?" || event.ctrlKey || event.metaKey || isTyping(event)) return;
      event.preventDefault();
      setOpen(true);
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
  if (!open) return null;
  return (
    <Modal label="Keys" onClose={() => setOpen(false)}>
      <h2>Keys</h2>
      <dl className="key-list">
        {keyList.map(({ keys, what }) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <div className="actions">
        <button type="button" className="btn" onClick={() => setOpen(false)}>
          Close
        </button>
      </div>
    </Modal>
  );
}
