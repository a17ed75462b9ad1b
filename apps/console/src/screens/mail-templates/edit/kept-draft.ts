import type { Draft } from "./draft.ts";

/** A draft as this tab keeps it, so that a reload or a wrong click loses nothing. It goes with the tab: others who use the computer after do not
 *  find it. */
interface KeptDraft {
  draft: Draft;
  at: string;
}

const keyOf = (workspace: string, name: string) => `daybook.mail-draft.${workspace}.${name}`;

export function keepDraft(workspace: string, name: string, draft: Draft | undefined): void {
  try {
    if (draft === undefined) sessionStorage.removeItem(keyOf(workspace, name));
    else
      sessionStorage.setItem(
        keyOf(workspace, name),
        JSON.stringify({ draft, at: new Date().toISOString() } satisfies KeptDraft),
      );
  } catch {
    // Storage is switched off or full: the question before leaving is what is left.
  }
}

export function keptDraft(workspace: string, name: string): KeptDraft | undefined {
  try {
    const text = sessionStorage.getItem(keyOf(workspace, name));
    return text === null ? undefined : (JSON.parse(text) as KeptDraft);
  } catch {
    return undefined;
  }
}
