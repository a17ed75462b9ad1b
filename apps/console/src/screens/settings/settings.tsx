import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { settingsQuery } from "../../api/settings.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { Installation } from "./installation.tsx";
import { OriginTestSection } from "./origin-test.tsx";
import "./settings.css";
import { SettingsForm } from "./settings-form.tsx";
import { SettingsTabs } from "./settings-tabs.tsx";

/** What the workspace sets for itself, and what the installation sets for everybody. */
export function SettingsScreen() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const settings = useQuery(settingsQuery(workspace));
  const may = useMay("settings.write");
  const all = settings.data?.workspace;
  return (
    <PlainScreen name="Settings">
      <SettingsTabs workspace={workspace} />
      {settings.isPending ? <Skeleton lines={12} label="Reading the settings" /> : null}
      {settings.isError ? <Failure error={settings.error} retry={() => void settings.refetch()} /> : null}
      {all && settings.data ? (
        <>
          {may ? null : <ReadOnly what="the settings" />}
          <SettingsForm title="Display" all={all} names={["timeZone"]} />
          <SettingsForm title="Brand" all={all} names={["brandName", "accentColour", "logo"]}>
            What everybody sees who signs in to this workspace.
          </SettingsForm>
          <SettingsForm
            title="Signing in"
            all={all}
            names={["requireTwoFactors", "sessionIdleMinutes", "sessionHours"]}
          />
          <SettingsForm title="Redaction" all={all} names={["redactFields"]}>
            Passwords, keys and card numbers are struck out anyway, before an event reaches the disk. What is in the log
            already stays as it is.
          </SettingsForm>
          <SettingsForm title="Customers" all={all} names={["staffAs", "viewerOrigins"]}>
            For the activity that your panel shows to its customers.
          </SettingsForm>
          <SettingsForm
            title="Notices to people"
            all={all}
            names={["noticeNewLocation", "noticeSessionExpired", "digestTo"]}
          >
            They go out by mail, once a sender and a mail server are set up.
          </SettingsForm>
          <OriginTestSection workspace={workspace} />
          <Installation settings={settings.data.installation} />
        </>
      ) : null}
    </PlainScreen>
  );
}
