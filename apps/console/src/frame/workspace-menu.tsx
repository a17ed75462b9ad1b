import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { meQuery } from "../api/access.ts";
import { Icon } from "../ui/icon.tsx";
import { Popup } from "../ui/popup.tsx";

/** Which workspace is open; the others one click away. */
export function WorkspaceMenu({ workspace }: { workspace: string }) {
  const me = useQuery(meQuery);
  return (
    <>
      <button
        type="button"
        className="workspace"
        popoverTarget="workspaces"
        aria-haspopup="menu"
        aria-label={`Workspace ${workspace}`}
      >
        <span className="cut">{workspace}</span>
        <Icon name="chevron" size={13} />
      </button>
      <Popup id="workspaces" label="Workspaces" role="menu">
        {me.data?.workspaces.map((each) => (
          <Link
            key={each.slug}
            role="menuitem"
            className="item"
            to="/w/$workspace/activity"
            params={{ workspace: each.slug }}
            search={{}}
          >
            <span>{each.name}</span>
            <span className="end">{each.slug === workspace ? <Icon name="check" size={14} /> : each.slug}</span>
          </Link>
        ))}
        {me.data ? (
          <Link role="menuitem" className="item" to="/w/$workspace/account" params={{ workspace }}>
            <span className="faint">{me.data.staff.email}</span>
          </Link>
        ) : null}
      </Popup>
    </>
  );
}
