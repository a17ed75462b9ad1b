import { useCallback, useEffect, useState } from "react";
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
  useEffect(() => {
    const keep = () => keepDraft(workspace, name, isEmpty(draft) ? undefined : draft);
    const timer = setTimeout(keep, isEmpty(draft) ? 0 : REST_MS);
    window.addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [workspace, name, draft]);
  const change = useCallback((next: (draft: Draft) => Draft) => setDraft(next), []);
  const settle = useCallback(() => setKeptAt(undefined), []);
  return { draft, change, keptAt: isEmpty(draft) ? undefined : keptAt, settle };
}
