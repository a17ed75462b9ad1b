import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { settingsQuery } from "../../api/settings.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { Findings } from "../findings/findings.tsx";
import "../settings/settings.css";
import { SettingsForm } from "../settings/settings-form.tsx";
import { SettingsTabs } from "../settings/settings-tabs.tsx";
import { DomainSection } from "./domain-section.tsx";
import "./mail-settings.css";
import { ProviderSection } from "./provider-section.tsx";
import { TransportSection } from "./transport-section.tsx";

/** How mails leave, from whom they come, and who tells what became of them. */
export function MailSettings() {
  const { workspace } = useParams({ from: "/w/$workspace/settings/mail" });
  const settings = useQuery(settingsQuery(workspace));
  const may = useMay("settings.write");
  const all = settings.data?.workspace;
  const from = all?.find(({ name }) => name === "mailFrom")?.value;
  return (
    <PlainScreen name="Mail settings">
      <SettingsTabs workspace={workspace} />
      {settings.isPending ? <Skeleton lines={12} label="Reading the settings" /> : null}
      {settings.isError ? <Failure error={settings.error} retry={() => void settings.refetch()} /> : null}
      {all ? (
        <>
          {may ? null : <ReadOnly what="how mail is set up" />}
          <Findings screen="mail" />
          <TransportSection workspace={workspace} may={may} />
          <SettingsForm title="Who mails come from" all={all} names={["mailFrom", "mailFromName", "mailReplyTo"]}>
            Unless a mail says otherwise. Take an address of a domain that vouches for your mail servers: see below.
          </SettingsForm>
          <DomainSection workspace={workspace} sender={typeof from === "string" ? from : ""} />
          <ProviderSection workspace={workspace} may={may} />
        </>
      ) : null}
    </PlainScreen>
  );
}
