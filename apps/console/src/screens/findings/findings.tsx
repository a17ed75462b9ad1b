import type { Finding } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { findingsQuery } from "../../api/findings.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icon.tsx";
import "./findings.css";

/** Findings that stand open; the others are behind a button. */
const OPEN_MAX = 2;

/** What is wrong with the operation, where it matters: what was found, and how to mend it. */
export function Findings({ screen }: { screen: Finding["screens"][number] }) {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const read = useQuery(findingsQuery(workspace));
  const [all, setAll] = useState(false);
  const found = (read.data ?? []).filter((finding) => finding.screens.includes(screen)).sort(worstFirst);
  if (found.length === 0) return null;
  const shown = all ? found : found.slice(0, OPEN_MAX);
  return (
    <section className="findings" aria-label="Findings">
      {shown.map((finding) => (
        <Banner key={`${finding.code} ${finding.about ?? ""}`} finding={finding} workspace={workspace} />
      ))}
      {found.length > OPEN_MAX ? (
        <button type="button" className="linklike" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : `${found.length - OPEN_MAX} more`}
        </button>
      ) : null}
    </section>
  );
}

function Banner({ finding, workspace }: { finding: Finding; workspace: string }) {
  const { severity, title, found, mend, command, link } = finding;
  return (
    <details className="finding" data-severity={severity}>
      <summary>
        <Icon name="warning" />
        <span className="finding-text">
          <b>
            <span className="only-read">{severity}: </span>
            {title}
          </b>
          <span className="finding-found">{found}</span>
        </span>
      </summary>
      <div className="finding-mend">
        <p>
          {mend} {link ? <a href={pageOf(workspace, link)}>Show it</a> : null}
        </p>
        {command ? <CopyBlock text={command} label={`How to mend: ${title}`} /> : null}
      </div>
    </details>
  );
}

/** The link of a finding begins behind the workspace. */
function pageOf(workspace: string, link: string): string {
  return link.startsWith("/w/") ? link : `/w/${encodeURIComponent(workspace)}/${link.replace(/^\//, "")}`;
}

function worstFirst(a: Finding, b: Finding): number {
  return Number(b.severity === "critical") - Number(a.severity === "critical");
}
