import { useState } from "react";
import { Icon } from "../../../ui/icon.tsx";
import { Modal } from "../../../ui/modal.tsx";
import { FacetLists } from "./facets.tsx";

/** The facets where there is no room beside the table. */
export function FacetSheet() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="btn" onClick={() => setOpen(true)}>
        <Icon name="filter" size={14} />
        <span className="word">Filters</span>
      </button>
      {open ? (
        <Modal label="Filters" className="dialog facet-sheet" onClose={() => setOpen(false)}>
          <FacetLists />
          <div className="actions">
            <button type="button" className="btn primary" onClick={() => setOpen(false)}>
              Show the events
            </button>
          </div>
        </Modal>
      ) : null}
    </>
  );
}
