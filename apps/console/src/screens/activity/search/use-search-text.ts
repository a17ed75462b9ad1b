import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { type Choice, completed, placeAt } from "./completion.ts";
import { faultOf, type QueryFault } from "./fault.ts";
import { rememberSearch } from "./recent.ts";
import { useChoices } from "./use-choices.ts";

/** A fault under the caret is shown only when the typing has stopped for this long. */
const FAULT_AFTER_MS = 700;

interface SearchTextOptions {
  workspace: string;
  q: string;
  refused: QueryFault | null;
  onApply: (q: string) => void;
}

/** What is typed into the search box: the text, the completions at the caret, the fault to show, and the keys. */
export function useSearchText({ workspace, q, refused, onApply }: SearchTextOptions) {
  const [active, setActive] = useState(-1);
  const [open, setOpen] = useState(false);
  const { input, text, caret, setCaret, type, put } = useTyping(q, () => setActive(-1));
  const place = useMemo(() => placeAt(text, caret), [text, caret]);
  const choices = useChoices(workspace, open ? place : null);
  const fault = useFault(text, caret, text === q ? refused : null);
  const shown = open && choices.length > 0;
  const apply = (next: string) => {
    setOpen(false);
    setActive(-1);
    if (next !== text) put(next, next.length);
    if (faultOf(next)) return fault.insist(next);
    rememberSearch(next.trim());
    onApply(next.trim());
  };
  const choose = (choice: Choice) => {
    if (!place) return;
    const next = completed(text, place, choice);
    if (choice.ends) apply(next.text);
    put(next.text, next.caret);
    input.current?.focus();
  };
  const clear = () => {
    apply("");
    input.current?.focus();
  };
  const leave = () => {
    if (shown) setOpen(false);
    else if (text !== q) put(q, q.length);
    else input.current?.blur();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const chosen = choices[active];
    const first = chosen ?? choices[0];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && !shown) setOpen(true);
    else if (step !== undefined) setActive(moved(active, step, choices.length));
    else if (event.key === "Enter" && shown && chosen) choose(chosen);
    else if (event.key === "Enter") apply(text);
    else if (event.key === "Escape") leave();
    else if (event.key === "Tab" && !event.shiftKey && shown && place?.prefix && first) choose(first);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    input,
    text,
    active,
    shown,
    choices,
    fault: fault.shown,
    type,
    setCaret,
    setOpen,
    apply,
    choose,
    clear,
    onKeyDown,
  };
}

/** The text of the field and its caret. Another query from outside replaces what is typed. */
function useTyping(q: string, onChange: () => void) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const [caret, setCaret] = useState(q.length);
  useEffect(() => setText(q), [q]);
  const type = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    onChange();
  };
  const put = (next: string, at: number) => {
    type(next, at);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  return { input, text, caret, setCaret, type, put };
}

function moved(active: number, step: number, choices: number): number {
  return active < 0 && step < 0 ? choices - 1 : (active + step + choices) % choices;
}

/** The fault to show: at once where the caret is elsewhere, on Enter, and after a pause. */
function useFault(text: string, caret: number, refused: QueryFault | null) {
  const found = useMemo(() => faultOf(text), [text]);
  const [insisted, setInsisted] = useState("");
  const [rested, setRested] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), FAULT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const away = found !== null && caret > found.position + found.length + 1;
  const shown = found ? (away || insisted === text || rested === text ? found : null) : refused;
  return { shown, insist: setInsisted };
}
