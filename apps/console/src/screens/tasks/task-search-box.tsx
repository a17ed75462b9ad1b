import { type FormEvent, useEffect, useState } from "react";
import { Icon } from "../../ui/icon.tsx";
import type { TaskView } from "./use-task-view.ts";

/** Searches while one types, after a short rest. */
const REST_MS = 250;

/** Words to look for in title, type, names, error and payload. */
export function TaskSearchBox({ view }: { view: TaskView }) {
  const { search, change } = view;
  const asked = search.q ?? "";
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  useEffect(() => {
    if (typed.trim() === asked) return;
    const timer = setTimeout(() => change({ q: typed.trim() || undefined }, { replace: asked !== "" }), REST_MS);
    return () => clearTimeout(timer);
  }, [typed, asked, change]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === asked) view.refresh();
    else change({ q: typed.trim() || undefined });
  };
  return (
    <search className="task-search">
      <form onSubmit={submit}>
        <Icon name="search" size={14} />
        <input
          id="task-search"
          type="search"
          className="input"
          aria-label="Search tasks"
          placeholder="Title, name, error, payload"
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== "Escape") return;
            event.currentTarget.blur();
            event.stopPropagation();
          }}
        />
      </form>
    </search>
  );
}
