import { mailExportUrl } from "../../api/mail.ts";
import { useMay } from "../../lib/may.ts";
import { FileLink } from "../../ui/file-link.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Popup } from "../../ui/popup.tsx";
import type { MailView } from "./use-mail-view.ts";

const formats = [
  { format: "csv", name: "CSV", note: "for spreadsheets" },
  { format: "json", name: "JSON", note: "one list" },
  { format: "ndjson", name: "NDJSON", note: "one mail a line" },
] as const;

/** All mails that the filter finds, as a file: what became of them, not what they said. */
export function MailExportMenu({ view: { workspace, filter } }: { view: MailView }) {
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
        <div className="group-name">All mails found, times in UTC; without their bodies</div>
        {formats.map(({ format, name, note }) => (
          <FileLink key={format} href={mailExportUrl({ workspace, filter }, format)} personal={personal}>
            <Icon name="download" size={14} />
            {name}
            <span className="end">{note}</span>
          </FileLink>
        ))}
      </Popup>
    </>
  );
}
