import { Link } from "@tanstack/react-router";
import { Fragment, useEffect, useState } from "react";
import { useMedia } from "../lib/media.ts";
import { Modal } from "../ui/modal.tsx";
import { useBrand } from "./brand.ts";
import { DisplayMenu } from "./display-menu.tsx";
import { HealthDot } from "./health-dot.tsx";
import { useNavigation } from "./navigation.ts";
import { menuOpen } from "./signals.ts";
import { ViewList } from "./view-list.tsx";
import { WorkspaceMenu } from "./workspace-menu.tsx";

/** The sidebar; where there is no room for it, the same in a sheet that the menu button opens. */
export function Sidebar({ workspace }: { workspace: string }) {
  const narrow = useMedia("(width < 760px)");
  const [open, setOpen] = useState(false);
  useEffect(() => menuOpen.listen(() => setOpen(true)), []);
  if (!narrow) return <Navigation workspace={workspace} onFollow={() => undefined} />;
  if (!open) return null;
  return (
    <Modal label="Menu" className="sheet" onClose={() => setOpen(false)}>
      <Navigation workspace={workspace} onFollow={() => setOpen(false)} />
    </Modal>
  );
}

function Navigation({ workspace, onFollow }: { workspace: string; onFollow: () => void }) {
  const navigation = useNavigation(workspace);
  const brand = useBrand(workspace);
  const name = brand?.name ?? "Daybook";
  return (
    <nav className="sidebar" aria-label="Screens">
      <div className="brand">
        {brand?.logo ? <img src={brand.logo} alt="" /> : <i aria-hidden="true">{name[0]}</i>}
        <b className="cut">{name}</b>
        <WorkspaceMenu workspace={workspace} />
      </div>
      {navigation.map(({ group, screens }) => (
        <Fragment key={group}>
          <section aria-labelledby={`group-${group}`}>
            <h2 id={`group-${group}`}>{group}</h2>
            <ul>
              {screens.map((screen) => (
                <li key={screen.to}>
                  <Link
                    to={screen.to}
                    params={{ workspace }}
                    onClick={onFollow}
                    activeProps={{ className: "on", "aria-current": "page" }}
                    activeOptions={{ includeSearch: false }}
                  >
                    {screen.name}
                  </Link>
                </li>
              ))}
            </ul>
          </section>
          {group === "Record" ? <ViewList workspace={workspace} onFollow={onFollow} /> : null}
        </Fragment>
      ))}
      <footer>
        <HealthDot />
        <DisplayMenu />
      </footer>
    </nav>
  );
}
