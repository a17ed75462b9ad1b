import { type ReactNode, useEffect } from "react";
import "./entry.css";

/** The page of whoever is not signed in yet: the name, a card, a form. */
export function Entry({ title, children }: { title: string; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Daybook`;
  }, [title]);
  return (
    <main className="entry">
      <div className="brand">
        <i aria-hidden="true">D</i>
        Daybook
      </div>
      <div className="entry-card">
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
