import { type FormEvent, useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

/** Searches while one types, after a short rest. */
const REST_MS = 250;

interface SearchFieldProps {
  id: string;
  label: string;
  placeholder: string;
  view: {
    search: { q?: string };
    change: (patch: { q: string | undefined }, options?: { replace?: boolean }) => void;
    /** Asks the same once more. */
    refresh: () => void;
  };
}

/** Words to look for in the rows of a list. */
export function SearchField({ id, label, placeholder, view }: SearchFieldProps) {
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
          id={id}
          type="search"
          className="input"
          aria-label={label}
          placeholder={placeholder}
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
