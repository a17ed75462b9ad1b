import { type FormEvent, useState } from "react";
import { usePreference } from "../../lib/preference.ts";
import { defaultRange, quickRanges } from "../../lib/range.ts";
import { spanText } from "../../lib/time-text.ts";
import { instantOf, wallText, zone, zoneLabel } from "../../lib/zone.ts";
import { closePopup, Popup } from "../../ui/popup.tsx";
import { useLogView } from "./view.ts";

/** The quick ranges, and a custom one. */
export function RangePicker() {
  const { search, change } = useLogView();
  const choice = usePreference(zone);
  const custom = Boolean(search.from || search.to);
  const chosen = custom ? null : (search.range ?? defaultRange);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="seg" role="group" aria-label="Range">
      {quickRanges.map((range) => (
        <button
          key={range.name}
          type="button"
          aria-pressed={chosen === range.name}
          title={range.words}
          onClick={() =>
            change({ range: range.name === defaultRange ? undefined : range.name, from: undefined, to: undefined })
          }
        >
          {range.label}
        </button>
      ))}
      <button type="button" popoverTarget="custom-range" aria-haspopup="dialog" aria-pressed={custom}>
        {custom ? customText(search, choice) : "Custom"}
      </button>
      <Popup id="custom-range" label="Custom range" role="dialog" className="custom-range">
        <CustomRange />
      </Popup>
    </div>
  );
}

function customText({ from, to }: { from?: string; to?: string }, choice: string): string {
  if (from && to) return spanText(Date.parse(from), Date.parse(to), choice);
  if (from) return `since ${spanText(Date.parse(from), Date.parse(from), choice)}`;
  return to ? `until ${spanText(Date.parse(to), Date.parse(to), choice)}` : "Custom";
}

function CustomRange() {
  const { search, question, change } = useLogView();
  const choice = usePreference(zone);
  const wall = (iso: string | undefined) => (iso ? wallText(Date.parse(iso), choice) : "");
  const [from, setFrom] = useState(wall(search.from ?? question.span.from));
  const [to, setTo] = useState(wall(search.to));
  const fromMs = from === "" ? undefined : instantOf(from, choice);
  const toMs = to === "" ? undefined : instantOf(to, choice);
  const backwards = typeof fromMs === "number" && typeof toMs === "number" && fromMs >= toMs;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (backwards || fromMs === null || toMs === null) return;
    const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());
    change({
      from: iso(fromMs),
      to: iso(toMs),
      range: fromMs === undefined && toMs === undefined ? "all" : undefined,
    });
    closePopup("custom-range");
  };
  return (
    <form onSubmit={submit}>
      <label className="field">
        <span>From</span>
        <input className="input" type="datetime-local" value={from} onChange={(e) => setFrom(e.target.value)} />
      </label>
      <label className="field">
        <span>To</span>
        <input className="input" type="datetime-local" value={to} onChange={(e) => setTo(e.target.value)} />
        <span className="hint">Empty: until now, and live.</span>
      </label>
      {backwards ? (
        <p className="fault" role="alert">
          The range ends before it begins.
        </p>
      ) : null}
      <div className="actions">
        <span className="faint">Times in {zoneLabel(choice)}</span>
        <button type="submit" className="btn primary" disabled={backwards}>
          Show
        </button>
      </div>
    </form>
  );
}
