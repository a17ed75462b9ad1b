import type { WorkspaceAccess } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { meQuery } from "../api/access.ts";
import { lastWorkspace } from "../lib/workspace.ts";
import { Empty } from "../ui/states.tsx";
import "./frame.css";
import { Palette } from "./palette.tsx";
import { ShortcutHelp } from "./shortcut-help.tsx";
import { Sidebar } from "./sidebar.tsx";
import { StepUp } from "./step-up.tsx";
import { useKeptDisplay } from "./use-kept-display.ts";

/** What every signed-in screen stands in: the sidebar, and the palette that Ctrl-K opens. */
export function Frame() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  // Also for the token that comes with it, which every change of a screen has to carry.
  const me = useQuery(meQuery);
  useKeptDisplay(me.data !== undefined);
  const others = me.data?.workspaces ?? [];
  const knows = me.data === undefined || others.some((each) => each.slug === workspace);
  useEffect(() => lastWorkspace.set(workspace), [workspace]);
  return (
    <div className="frame">
      <a className="skip" href="#screen">
        Skip to the screen
      </a>
      <Sidebar workspace={workspace} />
      <main id="screen" tabIndex={-1}>
        <Suspense>{knows ? <Outlet /> : <NoPlace workspace={workspace} others={others} />}</Suspense>
      </main>
      <Palette workspace={workspace} />
      <ShortcutHelp />
      <StepUp />
    </div>
  );
}

/** An address of a workspace that does not exist, or that one may not enter. */
function NoPlace({ workspace, others }: { workspace: string; others: readonly WorkspaceAccess[] }) {
  return (
    <Empty title={`You have no place in the workspace ${workspace}`}>
      <p>Somebody who owns it can give you one. Yours are:</p>
      <ul>
        {others.map((each) => (
          <li key={each.slug}>
            <Link to="/w/$workspace/activity" params={{ workspace: each.slug }}>
              {each.name}
            </Link>
          </li>
        ))}
      </ul>
    </Empty>
  );
}
