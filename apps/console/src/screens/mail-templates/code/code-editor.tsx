import { autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { closePercentBrace, liquidLanguage } from "@codemirror/lang-liquid";
import { bracketMatching, indentOnInput, LanguageSupport } from "@codemirror/language";
import { lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { TemplateFault } from "@daybook/contract";
import { useEffect, useRef } from "react";
import type { KnownWords } from "./completion.ts";
import { liquidSource } from "./liquid-source.ts";
import { look } from "./look.ts";
import { marksOf } from "./marks.ts";

export interface CodeEditorProps {
  /** What those hear who do not see it. */
  label: string;
  /** The element that says how to leave it, and what else is to know. */
  describedBy?: string;
  value: string;
  onChange: (value: string) => void;
  faults: readonly TemplateFault[];
  known: KnownWords;
  readOnly: boolean;
  /** One line without numbers, as a field. */
  oneLine?: boolean;
}

/** A text with Liquid in it. Tab leaves it, as it leaves every field; Ctrl+] indents. Esc gives the focus up, so that the page's keys work. */
export default function CodeEditor(props: CodeEditorProps) {
  const { label, describedBy, value, readOnly, oneLine = false, faults } = props;
  const parent = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef(props);
  latest.current = props;
  const changeable = useRef(new Compartment());

  // biome-ignore lint/correctness/useExhaustiveDependencies: the view lives as long as the component; what changes is handed to it below
  useEffect(() => {
    const made = new EditorView({
      parent: parent.current as HTMLDivElement,
      state: EditorState.create({
        doc: value,
        extensions: [
          fixedExtensions(label, describedBy, oneLine),
          changeable.current.of(readOnlyOf(readOnly)),
          autocompletion({ override: [liquidSource(() => latest.current.known)], icons: false }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged && update.state.doc.toString() !== latest.current.value)
              latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);

  useEffect(() => {
    const shown = view.current;
    if (shown && shown.state.doc.toString() !== value)
      shown.dispatch({ changes: differenceOf(shown.state.doc.toString(), value) });
  }, [value]);

  useEffect(() => {
    const state = view.current?.state;
    if (state) view.current?.dispatch(setDiagnostics(state, marksOf(faults, state.doc.toString())));
  }, [faults]);

  useEffect(() => {
    view.current?.dispatch({ effects: changeable.current.reconfigure(readOnlyOf(readOnly)) });
  }, [readOnly]);

  return <div ref={parent} className={oneLine ? "code-field one-line" : "code-field"} />;
}

function fixedExtensions(label: string, describedBy: string | undefined, oneLine: boolean): Extension {
  const attributes = {
    "aria-label": label,
    ...(describedBy && { "aria-describedby": describedBy }),
    ...(oneLine && { "aria-multiline": "false" }),
    spellcheck: "false",
    // It has the focus by itself; those who check pages by their attributes see it too.
    tabindex: "0",
  };
  return [
    look,
    oneLine ? onOneLine : [lineNumbers(), highlightActiveLine(), highlightActiveLineGutter(), EditorView.lineWrapping],
    highlightSpecialChars(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    closePercentBrace,
    new LanguageSupport(liquidLanguage),
    EditorView.contentAttributes.of(attributes),
    keymap.of([...closeBracketsKeymap, ...lintKeymap, ...historyKeymap, ...defaultKeymap]),
    Prec.lowest(keymap.of([{ key: "Escape", run: leave }])),
  ];
}

function readOnlyOf(readOnly: boolean): Extension {
  return EditorState.readOnly.of(readOnly);
}

/** What differs between two texts, as one change: the cursor stays where it is in all the rest. */
function differenceOf(before: string, after: string): { from: number; to: number; insert: string } {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from++;
  let same = 0;
  while (same < most - from && before[before.length - 1 - same] === after[after.length - 1 - same]) same++;
  return { from, to: before.length - same, insert: after.slice(from, after.length - same) };
}

function leave(view: EditorView): boolean {
  view.contentDOM.blur();
  return true;
}

/** Line breaks that are pasted become spaces; Enter makes none. */
const onOneLine: Extension = [
  EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
    const text = transaction.newDoc.toString().replace(/\s*[\r\n]+\s*/g, " ");
    return {
      changes: { from: 0, to: transaction.startState.doc.length, insert: text },
      selection: { anchor: Math.min(text.length, transaction.newSelection.main.head) },
    };
  }),
  Prec.high(keymap.of([{ key: "Enter", run: () => true }])),
];
