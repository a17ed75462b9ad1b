import { useId } from "react";
import { usePreference } from "../lib/preference.ts";
import { allZones, localZone, zone } from "../lib/zone.ts";

/** The time zone that times are shown in. */
export function ZoneChoice() {
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
