import { Link } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { useOfferedActs } from "../../frame/acts.ts";
import { useRowKeys } from "../../frame/row-keys.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMedia } from "../../lib/media.ts";
import { FoundTable } from "../../ui/found-rows.tsx";
import { openPopup } from "../../ui/popup.tsx";
import { useRowCursor } from "../../ui/row-cursor.ts";
import { SearchField } from "../../ui/search-field.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import { LiveButton } from "../activity/live-button.tsx";
import { RangePicker } from "../activity/range-picker.tsx";
import { useRangeView } from "../activity/range-view.ts";
import { LogViewProvider } from "../activity/view.ts";
import { Findings } from "../findings/findings.tsx";
import "../tasks/tasks.css";
import { MailExportMenu } from "./export-menu.tsx";
import { MailPanel } from "./mail/mail-panel.tsx";
import { MailCharts } from "./mail-charts.tsx";
import { MailFilters } from "./mail-filters.tsx";
import "./mail-log.css";
import { undelivered } from "./mail-mark.tsx";
import { NoMails } from "./no-mails.tsx";
import { MailStatusTabs } from "./status-tabs.tsx";
import { MailTable } from "./table/mail-table.tsx";
import { type MailView, MailViewProvider, useMailAddress } from "./use-mail-view.ts";
import { useMails } from "./use-mails.ts";

/** Every mail: charts, filters, the table of mails as they are now, and the panel of the one that is open. */
export function MailLog() {
  const view = useMailAddress();
  const { search, change, workspace } = view;
  const narrow = useMedia("(width < 760px)");
  const [paused, setPaused] = useState(false);
  const found = useMails(view, !paused);
  const { rows, reveal } = found;
  const cursor = useRowCursor(rows);
  const { mail: openId, address } = search;
  const open = useCallback((id: string) => change({ mail: id }, { replace: openId !== undefined }), [change, openId]);
  const close = useCallback(() => change({ mail: undefined }), [change]);
  const togglePause = () => setPaused(!paused);
  const exportRows = () => openPopup("export");
  useRowKeys({ grid: "mails", search: "mail-search", cursor, openId, open, close, reveal, togglePause, exportRows });
  useMailActs(view);
  return (
    <MailViewProvider value={view}>
      <LogViewProvider value={useRangeView(view)}>
        <div className="activity tasks-screen mail-screen" data-panel={openId !== undefined}>
          <ScreenHeader name="Mail log">
            <SearchField
              id="mail-search"
              label="Search mails"
              placeholder="Subject, recipient, answer, id"
              view={view}
            />
            <div className="controls">
              <RangePicker />
              <LiveButton status={found.status} paused={paused} possible={!search.to} onToggle={togglePause} />
              <MailExportMenu view={view} />
            </div>
          </ScreenHeader>
          <Findings screen="mail" />
          <div className="lens-bar">
            <MailStatusTabs view={view} ready={found.settled} />
            <MailFilters view={view} rows={rows} />
            {address?.includes("@", 1) ? (
              <Link className="quick" to="/w/$workspace/mail-addresses/$address" params={{ workspace, address }}>
                Why did it not come?
              </Link>
            ) : null}
          </div>
          <div className="tasks-body">
            <div className="tasks-main">
              <MailCharts view={view} ready={found.settled} />
              <FoundTable
                what="mail"
                {...{ found, openId, narrow, cursor }}
                onOpen={open}
                table={(grid) => <MailTable {...grid} onTemplate={(template) => change({ template })} />}
                none={<NoMails view={view} />}
              />
            </div>
            {openId ? <MailPanel id={openId} narrow={narrow} onClose={close} /> : null}
          </div>
        </div>
      </LogViewProvider>
    </MailViewProvider>
  );
}

/** What the palette offers on this screen. */
function useMailActs({ change }: MailView): void {
  useOfferedActs(() => [
    {
      group: "Mail log",
      name: "Mails that did not come through",
      words: "failed bounced complained suppressed",
      run: () => change({ status: undelivered }),
    },
    { group: "Mail log", name: "Mails that wait", words: "queued retry", run: () => change({ status: "queued" }) },
  ]);
}
