import { useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { aboutQuery } from "../api/about.ts";
import { usePreference } from "../lib/preference.ts";
import { type Theme, theme } from "../lib/theme.ts";
import { allZones, localZone, zone } from "../lib/zone.ts";
import { Icon } from "../ui/icon.tsx";
import { Popup } from "../ui/popup.tsx";

const themes: { value: Theme; name: string }[] = [
  { value: "system", name: "System" },
  { value: "light", name: "Light" },
  { value: "dark", name: "Dark" },
];

/** Theme and time zone, both choices of this browser. */
export function DisplayMenu() {
  return (
    <>
      <button
        type="button"
        className="btn bare square"
        popoverTarget="display"
        aria-label="Display: theme and time zone"
        title="Theme and time zone"
      >
        <Icon name="sliders" />
      </button>
      <Popup id="display" label="Display" role="dialog" className="display">
        <ThemeChoice />
        <ZoneChoice />
        <Version />
      </Popup>
    </>
  );
}

function Version() {
  const about = useQuery(aboutQuery);
  return about.data ? (
    <div className="credit">
      <p>Daybook {about.data.version}</p>
      <p>{about.data.credit}</p>
    </div>
  ) : null;
}

function ThemeChoice() {
  const chosen = usePreference(theme);
  return (
    <fieldset className="field">
      <legend>Theme</legend>
      <div className="seg">
        {themes.map(({ value, name }) => (
          <button key={value} type="button" aria-pressed={chosen === value} onClick={() => theme.set(value)}>
            {name}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

function ZoneChoice() {
  const chosen = usePreference(zone);
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Time zone</label>
      <select id={id} className="input" value={chosen} onChange={(event) => zone.set(event.target.value)}>
        <option value="local">This browser's ({localZone})</option>
        {allZones().map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <span className="hint">Exports are always in UTC.</span>
    </div>
  );
}
