import { type KeyboardEvent, type ReactNode, type ToggleEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";

interface PopupProps {
  id: string;
  label: string;
  /** A menu's items are `[role=menuitem]`; the arrows move among them. */
  role: "dialog" | "menu";
  className?: string;
  children: ReactNode;
}

/** What a button with `popoverTarget={id}` opens: the browser's own popover, placed below its button. It closes with Esc and by a
 *  click elsewhere; its content is drawn only while it is open. */
export function Popup({ id, label, role, className = "", children }: PopupProps) {
  const [open, setOpen] = useState(false);
  const popup = useRef<HTMLDivElement>(null);
  const items = () => [...(popup.current?.querySelectorAll<HTMLElement>("[role=menuitem]") ?? [])];
  const onToggle = (event: ToggleEvent) => {
    if (event.newState !== "open") return;
    const first = role === "menu" ? items()[0] : popup.current?.querySelector<HTMLElement>("input, select, button, a");
    first?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (role !== "menu") return;
    const list = items();
    const at = list.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      list[(to + list.length) % list.length]?.focus();
    } else if (event.key === "Tab") popup.current?.hidePopover();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it has a role, given from outside
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above
    <div
      ref={popup}
      id={id}
      popover="auto"
      role={role}
      aria-label={label}
      className={`popup ${className}`}
      onBeforeToggle={(event) => flushSync(() => setOpen(event.newState === "open"))}
      onToggle={onToggle}
      onKeyDown={onKeyDown}
      onClick={() => role === "menu" && popup.current?.hidePopover()}
    >
      {open ? children : null}
    </div>
  );
}

/** Opens a popup without its button being pressed. */
export function openPopup(id: string): void {
  const source = document.querySelector<HTMLElement>(`[popovertarget="${id}"]`);
  document.getElementById(id)?.showPopover(source ? { source } : undefined);
}

export function closePopup(id: string): void {
  document.getElementById(id)?.hidePopover();
}
