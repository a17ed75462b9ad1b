import type { ReactNode } from "react";
import { useEffect } from "react";
import { Icon } from "../ui/icon.tsx";
import { menuOpen } from "./signals.ts";

/** The line on top of a screen: the menu button where the sidebar is a sheet, the name, and what belongs to the screen. */
export function ScreenHeader({ name, children }: { name: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${name} · Daybook`;
  }, [name]);
  return (
    <header className="screen-header">
      <button type="button" className="btn bare square menu-button" aria-label="Open the menu" onClick={menuOpen.send}>
        <Icon name="menu" />
      </button>
      <h1>{name}</h1>
      {children}
    </header>
  );
}

/** A plain screen: header, and a column of readable width that scrolls. */
export function PlainScreen({ name, children, actions }: { name: string; children: ReactNode; actions?: ReactNode }) {
  return (
    <div className="plain-screen">
      <ScreenHeader name={name}>{actions ? <div className="header-actions">{actions}</div> : null}</ScreenHeader>
      <div className="column">{children}</div>
    </div>
  );
}
