import { exportUrl } from "../../api/events.ts";
import { useMay } from "../../lib/may.ts";
import { FileLink } from "../../ui/file-link.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Popup } from "../../ui/popup.tsx";
import { useLogView } from "./view.ts";

const formats = [
  { format: "csv", name: "CSV", note: "for spreadsheets" },
  { format: "json", name: "JSON", note: "one list" },
  { format: "ndjson", name: "NDJSON", note: "one event a line; verifiable" },
] as const;

/** Everything that the current question finds, as a file. The browser streams it; times are in UTC. */
export function ExportMenu() {
  const { lens, question } = useLogView();
  const personal = useMay("logs.personal");
  return (
    <>
      <button type="button" className="btn" popoverTarget="export" aria-haspopup="menu">
        <span className="export-icon">
          <Icon name="download" size={14} />
        </span>
        <span className="word">Export</span>
      </button>
      <Popup id="export" label="Export" role="menu">
        {lens.evidence ? <Evidence /> : null}
        <div className="group-name">All events found, times in UTC</div>
        {formats.map(({ format, name, note }) => (
          <FileLink key={format} href={exportUrl(question, format)} personal={personal}>
            <Icon name="download" size={14} />
            {name}
            <span className="end">{note}</span>
          </FileLink>
        ))}
      </Popup>
    </>
  );
}

/** For an auditor: all of the screen's range, whatever is searched; and the signed note that it can be held against. */
function Evidence() {
  const { lens, workspace, question } = useLogView();
  const personal = useMay("logs.personal");
  const range = { ...question, q: "" };
  return (
    <>
      <div className="group-name">{lens.title} of this range, as evidence</div>
      <FileLink href={exportUrl(range, "csv")} personal={personal}>
        <Icon name="download" size={14} />
        CSV of this range
        <span className="end">every row of it</span>
      </FileLink>
      <FileLink href={exportUrl(range, "ndjson")} personal={personal}>
        <Icon name="download" size={14} />
        NDJSON with proofs
        <span className="end">for daybook verify</span>
      </FileLink>
      <a
        role="menuitem"
        className="item"
        href={`/api/v1/log/checkpoint?${new URLSearchParams({ workspace })}`}
        download="checkpoint.txt"
      >
        <Icon name="lock" size={14} />
        Signed checkpoint
        <span className="end">what the proofs lead to</span>
      </a>
    </>
  );
}
