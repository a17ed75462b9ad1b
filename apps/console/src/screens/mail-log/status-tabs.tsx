import { type MailStatus, mailStatuses } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { mailCountsQuery } from "../../api/mail.ts";
import { shortCount } from "../../lib/numbers.ts";
import { StatusTab } from "../../ui/status-tab.tsx";
import type { MailView } from "./use-mail-view.ts";

/** In the order in which they come about. */
const order = [
  "queued",
  "sent",
  "delivered",
  "failed",
  "bounced",
  "complained",
  "suppressed",
] as const satisfies readonly MailStatus[];

/** The statuses as tabs, each with the number of mails that the rest of the filter finds in it. */
export function MailStatusTabs({ view, ready }: { view: MailView; ready: boolean }) {
  const { workspace, filter, search, change } = view;
  const counts = useQuery({ ...mailCountsQuery({ workspace, filter }), enabled: ready }).data;
  const sum = counts && mailStatuses.reduce((all, status) => all + counts[status].value, 0);
  const capped = counts && mailStatuses.some((status) => counts[status].relation === "gte");
  const text = (status: MailStatus) => {
    const found = counts?.[status];
    return found && `${shortCount(found.value)}${found.relation === "gte" ? "+" : ""}`;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="status-tabs" role="group" aria-label="Status">
      <StatusTab
        name="All"
        count={sum === undefined ? undefined : `${shortCount(sum)}${capped ? "+" : ""}`}
        chosen={search.status === undefined}
        onChoose={() => change({ status: undefined })}
      />
      {order.map((status) => (
        <StatusTab
          key={status}
          name={status}
          count={text(status)}
          chosen={search.status?.split(",").includes(status) ?? false}
          onChoose={() => change({ status })}
        />
      ))}
    </div>
  );
}
