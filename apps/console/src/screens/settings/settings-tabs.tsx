import { Link } from "@tanstack/react-router";
import { useMay } from "../../lib/may.ts";
import "../activity/bar/bar.css";
import "./settings.css";

/** The pages of the settings. */
export function SettingsTabs({ workspace }: { workspace: string }) {
  const mayMail = useMay("mail.read");
  return (
    <nav className="tabs settings-tabs" aria-label="Settings">
      <Link to="/w/$workspace/settings" params={{ workspace }} activeOptions={{ exact: true }}>
        Workspace
      </Link>
      {mayMail ? (
        <Link to="/w/$workspace/settings/mail" params={{ workspace }}>
          Mail
        </Link>
      ) : null}
    </nav>
  );
}
