import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { fittingWords, type KnownWords, type Word } from "./completion.ts";

const kinds = { token: "variable", local: "variable", filter: "function", tag: "keyword", partial: "class" } as const;

/** Offers tokens, tags, filters and partials while Liquid is written, beginning right behind the braces. */
export function liquidSource(known: () => KnownWords): (context: CompletionContext) => CompletionResult | null {
  return ({ state, pos }) => {
    const fitting = fittingWords(state.sliceDoc(0, pos), known());
    if (!fitting) return null;
    return {
      from: pos - fitting.typed,
      options: fitting.words.map((word) => option(word, fitting.tight)),
      validFor: /^[\w.'-]*$/,
    };
  };
}

function option({ label, detail, type }: Word, tight: boolean): Completion {
  return {
    label,
    detail,
    type: kinds[type],
    ...(tight && {
      apply: (view: EditorView, _: Completion, from: number, to: number) => spaced(view, label, from, to),
    }),
  };
}

/** `{{}}` becomes `{{ user.name }}`, the cursor behind the word. */
function spaced(view: EditorView, label: string, from: number, to: number): void {
  const closes = /^\s*[%}]}/.test(view.state.sliceDoc(to, to + 8)) && !/\s/.test(view.state.sliceDoc(to, to + 1));
  const insert = ` ${label}${closes ? " " : ""}`;
  view.dispatch({
    changes: { from, to, insert },
    selection: { anchor: from + label.length + 1 },
    userEvent: "input.complete",
  });
}
