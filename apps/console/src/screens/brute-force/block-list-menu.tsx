import { type AttackQuestion, blockListUrl } from "../../api/logins.ts";
import { FileLink } from "../../ui/file-link.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Popup } from "../../ui/popup.tsx";

const formats = [
  { format: "text", name: "Plain text", note: "one address a line" },
  { format: "csv", name: "CSV", note: "with counts and times" },
  { format: "fail2ban", name: "fail2ban", note: "commands for the jail sshd" },
  { format: "nftables", name: "nftables", note: "sets for nft -f" },
] as const;

/** The attacking addresses as a file for a firewall. */
export function BlockListMenu({ question }: { question: AttackQuestion }) {
  return (
    <>
      <button type="button" className="btn" popoverTarget="block-list" aria-haspopup="menu">
        <Icon name="download" size={14} />
        Block list
      </button>
      <Popup id="block-list" label="Block list" role="menu" className="block-list">
        <div className="group-name">The addresses of this range, to block</div>
        {formats.map(({ format, name, note }) => (
          <FileLink key={format} href={blockListUrl(question, format)} personal={true}>
            <Icon name="download" size={14} />
            {name}
            <span className="end">{note}</span>
          </FileLink>
        ))}
        <p className="faint">
          Trusted proxies, your own address and those that staff signed in from are left out. The export is recorded.
        </p>
      </Popup>
    </>
  );
}
