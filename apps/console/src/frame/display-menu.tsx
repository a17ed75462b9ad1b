import { useQuery } from "@tanstack/react-query";
import { aboutQuery } from "../api/about.ts";
import { usePreference } from "../lib/preference.ts";
import { type Theme, theme } from "../lib/theme.ts";
import { Icon } from "../ui/icon.tsx";
import { Popup } from "../ui/popup.tsx";
import { ZoneChoice } from "../ui/zone-choice.tsx";

const themes: { value: Theme; name: string }[] = [
  { value: "system", name: "System" },
  { value: "light", name: "Light" },
  { value: "dark", name: "Dark" },
];

/** Theme and time zone, kept with the person. */
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
