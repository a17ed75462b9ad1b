import { useId, useState } from "react";
import { Icon } from "../../../ui/icon.tsx";
import { CompletionList } from "./completion-list.tsx";
import { mended, type QueryFault } from "./fault.ts";
import "./search.css";
import { Tokens } from "./tokens.tsx";
import { useSearchText } from "./use-search-text.ts";

interface SearchBoxProps {
  workspace: string;
  /** The query that is applied. */
  q: string;
  /** What the server found wrong with it. */
  refused: QueryFault | null;
  onApply: (q: string) => void;
}

/** The one search box: coloured terms, completion of keys and values, faults shown where they are. */
export function SearchBox(props: SearchBoxProps) {
  const search = useSearchText(props);
  const { text, fault, shown, active } = search;
  const [left, setLeft] = useState(0);
  const id = useId();
  return (
    <div className="search">
      <Icon name="search" size={14} />
      <div className="search-text">
        <div className="tokens" aria-hidden="true" style={{ translate: `${-left}px` }}>
          <Tokens text={text} fault={fault} />
        </div>
        <input
          ref={search.input}
          id="search"
          type="text"
          role="combobox"
          aria-label="Search the log"
          aria-expanded={shown}
          aria-controls={`${id}-list`}
          aria-autocomplete="list"
          aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
          aria-invalid={fault !== null}
          aria-describedby={fault ? `${id}-fault` : undefined}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          enterKeyHint="search"
          placeholder='Filter or search, e.g. outcome:failure "out of memory"'
          value={text}
          onChange={({ target }) => {
            search.type(target.value, target.selectionStart ?? target.value.length);
            search.setOpen(true);
          }}
          onSelect={(event) => search.setCaret(event.currentTarget.selectionStart ?? 0)}
          onScroll={(event) => setLeft(event.currentTarget.scrollLeft)}
          onKeyDown={search.onKeyDown}
          onClick={() => search.setOpen(true)}
          onBlur={() => search.setOpen(false)}
        />
      </div>
      {text === "" ? <kbd>/</kbd> : <Clear onClear={search.clear} />}
      {shown ? (
        <CompletionList id={id} choices={search.choices} active={active} onChoose={search.choose} />
      ) : fault ? (
        <FaultNote id={`${id}-fault`} fault={fault} onMend={() => search.apply(mended(text, fault))} />
      ) : null}
    </div>
  );
}

function Clear({ onClear }: { onClear: () => void }) {
  return (
    <button type="button" className="clear" aria-label="Clear the search" onClick={onClear}>
      <Icon name="close" size={13} />
    </button>
  );
}

interface FaultNoteProps {
  id: string;
  fault: QueryFault;
  onMend: () => void;
}

function FaultNote({ id, fault, onMend }: FaultNoteProps) {
  return (
    <div className="fault-note" id={id} role="alert">
      <span>{fault.message}</span>
      {fault.suggestion ? (
        <button type="button" className="btn small" onClick={onMend}>
          Use <code>{fault.suggestion}</code>
        </button>
      ) : null}
    </div>
  );
}
