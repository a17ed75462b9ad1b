import { useParams } from "@tanstack/react-router";
import { SidePanel } from "../../../ui/side-panel.tsx";
import { MailInFull } from "./mail-in-full.tsx";

interface MailPanelProps {
  id: string;
  narrow: boolean;
  onClose: () => void;
}

/** The side panel: one mail in full. */
export function MailPanel({ id, narrow, onClose }: MailPanelProps) {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const page = `/w/${encodeURIComponent(workspace)}/mail-log/${id}`;
  return (
    <SidePanel label="Mail" className="mail-panel" page={page} narrow={narrow} onClose={onClose}>
      <MailInFull key={id} workspace={workspace} id={id} layout="panel" />
    </SidePanel>
  );
}
