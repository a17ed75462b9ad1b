import { exportUrl } from "../../api/events.ts";
import { Icon } from "../../ui/icon.tsx";
import { Popup } from "../../ui/popup.tsx";
import { useActivityView } from "./view.ts";

const formats = [
  { format: "csv", name: "CSV", note: "for spreadsheets" },
  { format: "json", name: "JSON", note: "one list" },
  { format: "ndjson", name: "NDJSON", note: "one event a line; verifiable" },
] as const;

/** Everything that the current question finds, as a file. The browser streams it; times are in UTC. */
export function ExportMenu() {
  const { question } = useActivityView();
  return (
    <>
      <button type="button" className="btn" popoverTarget="export" aria-haspopup="menu">
        <span className="export-icon">
          <Icon name="download" size={14} />
        </span>
        <span className="word">Export</span>
      </button>
      <Popup id="export" label="Export" role="menu">
        <div className="group-name">All events found, times in UTC</div>
        {formats.map(({ format, name, note }) => (
          <a key={format} role="menuitem" className="item" href={exportUrl(question, format)} download>
            <Icon name="download" size={14} />
            {name}
            <span className="end">{note}</span>
          </a>
        ))}
      </Popup>
    </>
  );
}
