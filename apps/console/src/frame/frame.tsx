import { useQuery } from "@tanstack/react-query";
import { Outlet, useParams } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { meQuery } from "../api/access.ts";
import { lastWorkspace } from "../lib/workspace.ts";
import "./frame.css";
import { Palette } from "./palette.tsx";
import { ShortcutHelp } from "./shortcut-help.tsx";
import { Sidebar } from "./sidebar.tsx";

/** What every signed-in screen stands in: the sidebar, and the palette that Ctrl-K opens. */
export function Frame() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  // Also for the token that comes with it, which every change of a screen has to carry.
  useQuery(meQuery);
  useEffect(() => lastWorkspace.set(workspace), [workspace]);
  return (
    <div className="frame">
      <a className="skip" href="#screen">
        Skip to the screen
      </a>
      <Sidebar workspace={workspace} />
      <main id="screen" tabIndex={-1}>
        <Suspense>
          <Outlet />
        </Suspense>
      </main>
      <Palette workspace={workspace} />
      <ShortcutHelp />
    </div>
  );
}
