import type { MailDetail } from "@daybook/contract";
import { Link } from "@tanstack/react-router";

/** The address with what leads to everything about it; masked, it leads nowhere. */
export function Recipient({ workspace, mail: { to } }: { workspace: string; mail: Pick<MailDetail, "to"> }) {
  if (!to.address.includes("@")) return <>{to.address}</>;
  return (
    <Link
      to="/w/$workspace/mail-addresses/$address"
      params={{ workspace, address: to.address }}
      title="Everything about this address"
    >
      {to.address}
    </Link>
  );
}
