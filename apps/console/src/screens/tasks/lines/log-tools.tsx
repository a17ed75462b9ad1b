import { count } from "../../../lib/numbers.ts";
import { type Preference, usePreference } from "../../../lib/preference.ts";
import { Icon } from "../../../ui/icon.tsx";
import type { LineChoice } from "./use-lines.ts";

interface Search {
  typed: string;
  onType: (text: string) => void;
  found: { lines: readonly number[]; waiting: boolean };
  /** Which of the lines found one is at. */
  at: number;
  onGo: (at: number) => void;
}

interface LogToolsProps {
  search: Search;
  stream: LineChoice["stream"];
  onStream: (stream: LineChoice["stream"]) => void;
  wrap: Preference<"on" | "off">;
  times: Preference<"on" | "off">;
  download: string;
}

/** The line above the output: search, which stream, how it is shown, and the file. */
export function LogTools({ search, stream, onStream, wrap, times, download }: LogToolsProps) {
  return (
    <div className="log-tools">
      <LogSearch {...search} />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser */}
      <div className="seg" role="group" aria-label="Which output">
        {(["all", "out", "err"] as const).map((each) => (
          <button key={each} type="button" aria-pressed={stream === each} onClick={() => onStream(each)}>
            {each}
          </button>
        ))}
      </div>
      <Switch name="Wrap" preference={wrap} />
      <Switch name="Times" preference={times} />
      <a className="btn small" href={download} download aria-label="Download the output" title="Download">
        <Icon name="download" size={14} />
      </a>
    </div>
  );
}

function Switch({ name, preference }: { name: string; preference: Preference<"on" | "off"> }) {
  const on = usePreference(preference) === "on";
  return (
    <button
      type="button"
      className="quick"
      aria-pressed={on}
      onClick={() => preference.set(preference.get() === "on" ? "off" : "on")}
    >
      {name}
    </button>
  );
}

function LogSearch({ typed, onType, found, at, onGo }: Search) {
  const { lines, waiting } = found;
  const place = Math.min(at, lines.length - 1);
  const step = (by: number) => lines.length > 0 && onGo((place + by + lines.length) % lines.length);
  return (
    <div className="log-search">
      <input
        type="search"
        className="input"
        aria-label="Search in the output"
        placeholder="Search in the output"
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            step(event.shiftKey ? -1 : 1);
          } else if (event.key === "Escape") {
            event.stopPropagation();
            if (typed === "") event.currentTarget.blur();
            else onType("");
          }
        }}
      />
      {typed === "" ? null : (
        <>
          <span className="faint" role="status">
            {waiting ? "…" : lines.length === 0 ? "none" : `${count(place + 1)} of ${count(lines.length)}`}
          </span>
          <button type="button" className="btn small bare" aria-label="Line found before" onClick={() => step(-1)}>
            <Icon name="up" size={13} />
          </button>
          <button type="button" className="btn small bare" aria-label="Next line found" onClick={() => step(1)}>
            <Icon name="down" size={13} />
          </button>
        </>
      )}
    </div>
  );
}
