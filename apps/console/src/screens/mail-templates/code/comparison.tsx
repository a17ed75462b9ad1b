import { liquidLanguage } from "@codemirror/lang-liquid";
import { LanguageSupport } from "@codemirror/language";
import { MergeView, unifiedMergeView } from "@codemirror/merge";
import { EditorState, type Extension } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { mergeLook } from "./look.ts";

interface ComparisonProps {
  before: { name: string; text: string };
  after: { name: string; text: string };
  /** Too narrow for two texts beside each other: one, with what went and what came. */
  narrow: boolean;
}

/** Lines around a change that stay, and from how many unchanged lines on they are folded. */
const folded = { margin: 3, minSize: 6 };

/** Two texts, and what differs. Made anew when one of them changes: nothing is typed here. */
export default function Comparison({ before, after, narrow }: ComparisonProps) {
  const parent = useRef<HTMLDivElement>(null);
  const { name: beforeName, text: beforeText } = before;
  const { name: afterName, text: afterText } = after;
  useEffect(() => {
    const shown = parent.current;
    if (!shown) return;
    const made = narrow
      ? new EditorView({
          parent: shown,
          doc: afterText,
          extensions: [
            fixed(`${beforeName} and ${afterName}`),
            unifiedMergeView({ original: beforeText, mergeControls: false, collapseUnchanged: folded }),
          ],
        })
      : new MergeView({
          parent: shown,
          a: { doc: beforeText, extensions: fixed(beforeName) },
          b: { doc: afterText, extensions: fixed(afterName) },
          collapseUnchanged: folded,
        });
    return () => made.destroy();
  }, [beforeName, beforeText, afterName, afterText, narrow]);
  return <div ref={parent} className="comparison" />;
}

function fixed(label: string): Extension {
  return [
    mergeLook,
    lineNumbers(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
    new LanguageSupport(liquidLanguage),
  ];
}
