import { useCallback, useEffect, useRef, useState } from "react";
import { type Draft, isEmpty, noDraft } from "./draft.ts";
import { keepDraft, keptDraft } from "./kept-draft.ts";

/** How long after the last key it is kept. */
const REST_MS = 400;

export interface DraftState {
  draft: Draft;
  change: (next: (draft: Draft) => Draft) => void;
  /** When what is shown was kept, if it comes from an earlier visit. */
  keptAt: string | undefined;
  /** Forgets where it came from. */
  settle: () => void;
}

/** What is not saved of a template. It is kept in this tab: a reload, or leaving by accident, loses nothing. */
export function useDraft(workspace: string, name: string): DraftState {
  const [kept] = useState(() => keptDraft(workspace, name));
  const [draft, setDraft] = useState<Draft>(kept?.draft ?? noDraft);
  const [keptAt, setKeptAt] = useState(kept?.at);
  const keep = useRef(() => {});
  keep.current = () => keepDraft(workspace, name, isEmpty(draft) ? undefined : draft);
  useEffect(() => {
    const timer = setTimeout(() => keep.current(), isEmpty(draft) ? 0 : REST_MS);
    return () => clearTimeout(timer);
  }, [draft]);
  useEffect(() => {
    const last = () => keep.current();
    window.addEventListener("pagehide", last);
    return () => {
      window.removeEventListener("pagehide", last);
      last();
    };
  }, []);
  const change = useCallback((next: (draft: Draft) => Draft) => setDraft(next), []);
  const settle = useCallback(() => setKeptAt(undefined), []);
  return { draft, change, keptAt: isEmpty(draft) ? undefined : keptAt, settle };
}
