import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { Icon } from "../../../ui/icon.tsx";
import { type Choice, completed, placeAt } from "./completion.ts";
import { CompletionList } from "./completion-list.tsx";
import { faultOf, mended, type QueryFault } from "./fault.ts";
import { rememberSearch } from "./recent.ts";
import "./search.css";
import { Tokens } from "./tokens.tsx";
import { useChoices } from "./use-choices.ts";

/** A fault under the caret is shown only when the typing has stopped for this long. */
const FAULT_AFTER_MS = 700;

interface SearchBoxProps {
  workspace: string;
  /** The query that is applied. */
  q: string;
  /** What the server found wrong with it. */
  refused: QueryFault | null;
  onApply: (q: string) => void;
}

/** The one search box: coloured terms, completion of keys and values, faults shown where they are. */
export function SearchBox({ workspace, q, refused, onApply }: SearchBoxProps) {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(q);
  const [caret, setCaret] = useState(q.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const [left, setLeft] = useState(0);
  const id = useId();
  useEffect(() => {
    setText(q);
    setActive(-1);
  }, [q]);
  const place = useMemo(() => placeAt(text, caret), [text, caret]);
  const choices = useChoices(workspace, open ? place : null);
  const fault = useFault(text, caret, text === q ? refused : null);
  const shown = open && choices.length > 0;

  const apply = (next: string) => {
    const found = faultOf(next);
    setOpen(false);
    setActive(-1);
    if (found) return fault.insist();
    rememberSearch(next.trim());
    onApply(next.trim());
  };
  const put = (next: string, at: number) => {
    setText(next);
    setCaret(at);
    setActive(-1);
    requestAnimationFrame(() => input.current?.setSelectionRange(at, at));
  };
  const choose = (choice: Choice) => {
    if (!place) return;
    const next = completed(text, place, choice);
    put(next.text, next.caret);
    if (choice.ends) apply(next.text);
    input.current?.focus();
  };
  const clear = () => {
    put("", 0);
    apply("");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    const chosen = choices[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (!shown) setOpen(true);
      else setActive((at) => (at + step + choices.length + (at < 0 && step < 0 ? 1 : 0)) % choices.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (shown && chosen) choose(chosen);
      else apply(text);
    } else if (event.key === "Tab" && !event.shiftKey && shown && place && place.prefix !== "") {
      event.preventDefault();
      const first = chosen ?? choices[0];
      if (first) choose(first);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      if (shown) setOpen(false);
      else if (text !== q) put(q, q.length);
      else input.current?.blur();
    }
  };
  return (
    <div className="search">
      <Icon name="search" size={14} />
      <div className="search-text">
        <div className="tokens" aria-hidden="true" style={{ translate: `${-left}px` }}>
          <Tokens text={text} fault={fault.shown} />
        </div>
        <input
          ref={input}
          id="search"
          type="text"
          role="combobox"
          aria-label="Search the log"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={fault.shown !== null}
          aria-describedby={fault.shown ? `${id}-fault` : undefined}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="search"
          placeholder='Filter or search, e.g. outcome:failure "out of memory"'
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setCaret(event.target.selectionStart ?? event.target.value.length);
            setActive(-1);
            setOpen(true);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onScroll={(event) => setLeft(event.currentTarget.scrollLeft)}
          onKeyDown={onKeyDown}
          onClick={() => setOpen(true)}
          onBlur={() => setOpen(false)}
        />
      </div>
      {text === "" ? (
        <kbd>/</kbd>
      ) : (
        <button type="button" className="clear" aria-label="Clear the search" onClick={clear}>
          <Icon name="close" size={13} />
        </button>
      )}
      {shown ? (
        <CompletionList id={id} choices={choices} active={active} onChoose={choose} />
      ) : fault.shown ? (
        <FaultNote id={`${id}-fault`} fault={fault.shown} onMend={(found) => apply(mended(text, found))} />
      ) : null}
    </div>
  );
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
  return { shown, insist: () => setInsisted(text) };
}

interface FaultNoteProps {
  id: string;
  fault: QueryFault;
  onMend: (fault: QueryFault) => void;
}

function FaultNote({ id, fault, onMend }: FaultNoteProps) {
  return (
    <div className="fault-note" id={id} role="alert">
      <span>{fault.message}</span>
      {fault.suggestion ? (
        <button type="button" className="btn small" onClick={() => onMend(fault)}>
          Use <code>{fault.suggestion}</code>
        </button>
      ) : null}
    </div>
  );
}
