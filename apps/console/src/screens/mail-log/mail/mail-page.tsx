import { Link, useParams } from "@tanstack/react-router";
import { ScreenHeader } from "../../../frame/screen-header.tsx";
import "../../activity/activity.css";
import "../../activity/bar/bar.css";
import "../../activity/panel/panel.css";
import "../../tasks/tasks.css";
import "../mail-log.css";
import { MailInFull } from "./mail-in-full.tsx";

/** The page of one mail. */
export function MailPage() {
  const { workspace, id } = useParams({ from: "/w/$workspace/mail-log/$id" });
  return (
    <div className="mail-page">
      <ScreenHeader name="Mail">
        <div className="header-actions">
          <Link className="btn" to="/w/$workspace/mail-log" params={{ workspace }} search={{}}>
            All mails
          </Link>
        </div>
      </ScreenHeader>
      <MailInFull key={id} workspace={workspace} id={id} layout="page" />
    </div>
  );
}
