import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useDeferredValue, useId, useState } from "react";
import { shortCount } from "../../../lib/numbers.ts";
import { Icon } from "../../../ui/icon.tsx";
import { closePopup, Popup } from "../../../ui/popup.tsx";
import type { QuickFilter } from "../lens.ts";
import { valueOfKey, withValueOfKey } from "../search/query-terms.ts";
import { suggestionsQuery } from "../search/suggestions.ts";
import { useLogView } from "../view.ts";

const VALUES = 30;
/** Of values of some types only, those of the others are left out here. */
const TYPED_VALUES = 100;

type ValueFilter = Extract<QuickFilter, { kind: "value" }>;

/** A key of the query as a button: which value is asked for, and a list to choose another from. */
export function QuickValue({ filter }: { filter: ValueFilter }) {
  const { question, change } = useLogView();
  const value = valueOfKey(question.q, filter.key);
  const popup = `quick-${filter.key}`;
  const put = (next: string | null) => {
    closePopup(popup);
    change({ q: withValueOfKey(question.q, filter.key, next) || undefined, event: undefined });
  };
  return (
    <span className="quick-value" data-set={value !== null}>
      <button type="button" className="quick" popoverTarget={popup} aria-haspopup="dialog">
        <span>{filter.name}</span>
        {value === null ? null : <b className="cut">{typeof value === "number" ? `${value} values` : value}</b>}
        <Icon name="chevron" size={12} />
      </button>
      {value === null ? null : (
        <button type="button" className="quick-clear" aria-label={`Any ${filter.name}`} onClick={() => put(null)}>
          <Icon name="close" size={11} />
        </button>
      )}
      <Popup id={popup} label={`Filter by ${filter.name}`} role="dialog" className="quick-popup">
        <Values filter={filter} onChoose={put} />
      </Popup>
    </span>
  );
}

/** Values that the log has, to type the beginning of and choose from; what is typed is taken as it is when none fits. */
function Values({ filter, onChoose }: { filter: ValueFilter; onChoose: (value: string) => void }) {
  const { workspace } = useLogView();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const { items, isPending } = useValues(workspace, filter, typed);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setActive((active + step + items.length) % Math.max(1, items.length));
    else if (event.key === "Enter") choose(items[active]?.value ?? typed.trim());
    else return;
    event.preventDefault();
  };
  const choose = (value: string) => value && onChoose(value);
  return (
    <>
      <input
        className="input"
        role="combobox"
        aria-label={filter.name}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={items[active] ? `${id}-${active}` : undefined}
        placeholder={`Which ${filter.name}?`}
        autoComplete="off"
        spellCheck={false}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div role="listbox" id={`${id}-list`} aria-label={filter.name} className="quick-list">
        {items.map((item, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field, which keeps the focus
          <div
            key={item.value}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            className="item"
            aria-selected={index === active}
            title={item.value}
            onMouseMove={() => setActive(index)}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(item.value)}
          >
            <span className="cut">{item.label ?? item.value}</span>
            <span className="end">{item.events ? shortCount(item.events) : ""}</span>
          </div>
        ))}
      </div>
      {items.length === 0 && !isPending ? (
        <p className="faint">None of the frequent ones. Enter takes what is typed.</p>
      ) : null}
    </>
  );
}

/** The frequent values of a key that begin with what was typed. While they are read, those of before that fit. */
function useValues(workspace: string, filter: ValueFilter, typed: string) {
  const text = typed.trim();
  const prefix = useDeferredValue(text);
  const found = useQuery({
    ...suggestionsQuery(workspace, filter.key, prefix, filter.types ? TYPED_VALUES : VALUES),
    placeholderData: keepPreviousData,
  });
  // What is still there from before: Enter must not take a value that was never asked for.
  const stale = found.isPlaceholderData || prefix !== text;
  const fits = (value: string) => value.toLowerCase().includes(text.toLowerCase());
  const items = (found.data?.items ?? []).filter(
    ({ value, label }) =>
      (!filter.types || filter.types.some((type) => value.startsWith(`${type}/`))) &&
      (!stale || fits(value) || fits(label ?? "")),
  );
  return { items, isPending: found.isPending };
}
