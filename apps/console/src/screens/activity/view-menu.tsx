import { densities } from "@daybook/contract";
import { density } from "../../lib/display.ts";
import { usePreference } from "../../lib/preference.ts";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Popup } from "../../ui/popup.tsx";
import { ZoneChoice } from "../../ui/zone-choice.tsx";
import { ColumnChoice } from "./column-choice.tsx";
import type { Columns } from "./use-columns.ts";

interface ViewMenuProps {
  columns: Columns;
  onSave: () => void;
  link: () => string;
}

/** How the screen is shown: columns, density and time zone; and how to keep or pass on what it shows. */
export function ViewMenu({ columns, onSave, link }: ViewMenuProps) {
  return (
    <>
      <button
        type="button"
        className="btn"
        popoverTarget="view"
        aria-haspopup="dialog"
        title="Columns, density, zone (c)"
      >
        <Icon name="columns" size={14} />
        <span className="word">View</span>
      </button>
      <Popup id="view" label="View" role="dialog" className="view-menu">
        <div className="actions">
          <CopyButton text={link} className="btn small">
            <Icon name="link" size={13} />
            Copy link
          </CopyButton>
          <button type="button" className="btn small" onClick={onSave}>
            <Icon name="bookmark" size={13} />
            Save view…
          </button>
        </div>
        <DensityChoice />
        <ColumnChoice columns={columns} />
        <ZoneChoice />
      </Popup>
    </>
  );
}

function DensityChoice() {
  const chosen = usePreference(density);
  return (
    <fieldset className="field">
      <legend>Rows</legend>
      <div className="seg">
        {densities.map((name) => (
          <button key={name} type="button" aria-pressed={chosen === name} onClick={() => density.set(name)}>
            {name === "compact" ? "Compact" : "Comfortable"}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
