import { type FormEvent, useEffect, useId, useState } from "react";
import { Icon } from "./icon.tsx";
import { closePopup, Popup } from "./popup.tsx";

/** Values that a popup offers at most. */
const OFFERED_MAX = 60;

/** A value that can be chosen, with what it is called if that is something else. */
export interface Offer {
  value: string;
  text?: string | undefined;
}

interface WordFilterProps {
  /** Unlike that of any other filter of the screen. */
  name: string;
  hint: string;
  value: string | undefined;
  /** The values that are at hand. */
  offers: () => readonly Offer[];
  /** The values will be asked for. */
  onOpen?: () => void;
  onChoose: (value: string | undefined) => void;
}

/** A filter by one value: a button that says it, and a popup in which it is typed or chosen. */
export function WordFilter({ name, hint, value, offers, onOpen, onChoose }: WordFilterProps) {
  const popup = `filter-${name.toLowerCase()}`;
  return (
    <span className="quick-value" data-set={value !== undefined}>
      <button type="button" className="quick" popoverTarget={popup} aria-haspopup="dialog">
        <span>{name}</span>
        {value === undefined ? <Icon name="chevron" size={12} /> : <b className="cut">{value}</b>}
      </button>
      {value === undefined ? null : (
        <button type="button" className="quick-clear" aria-label={`Clear: ${name}`} onClick={() => onChoose(undefined)}>
          <Icon name="close" size={12} />
        </button>
      )}
      <Popup id={popup} label={name} role="dialog" className="quick-popup">
        <Choices
          label={name}
          hint={hint}
          value={value ?? ""}
          offers={offers}
          onOpen={onOpen}
          onChoose={(chosen) => {
            closePopup(popup);
            onChoose(chosen || undefined);
          }}
        />
      </Popup>
    </span>
  );
}

interface ChoicesProps {
  label: string;
  hint: string;
  value: string;
  offers: () => readonly Offer[];
  onOpen: (() => void) | undefined;
  onChoose: (value: string) => void;
}

/** A field, and below it the values that are at hand. */
function Choices({ label, hint, value, offers, onOpen, onChoose }: ChoicesProps) {
  const [typed, setTyped] = useState(value);
  const id = useId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it opens
  useEffect(() => onOpen?.(), []);
  const wanted = typed === value ? "" : typed.toLowerCase();
  const shown = offers().filter((each) => `${each.value} ${each.text ?? ""}`.toLowerCase().includes(wanted));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onChoose(typed.trim());
  };
  return (
    <>
      <form onSubmit={submit}>
        <label htmlFor={id} className="only-read">
          {label}
        </label>
        <input
          id={id}
          className="input"
          value={typed}
          placeholder={hint}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setTyped(event.target.value)}
        />
      </form>
      <ul className="quick-list">
        {shown.slice(0, OFFERED_MAX).map((each) => (
          <li key={each.value}>
            <button type="button" className="item" onClick={() => onChoose(each.value)}>
              <span className="cut">{each.text ?? each.value}</span>
              {each.text ? <span className="end cut">{each.value}</span> : null}
            </button>
          </li>
        ))}
      </ul>
      {shown.length === 0 ? <p className="faint">Enter filters by what is typed.</p> : null}
    </>
  );
}

/** The offers that rows hold, each once, in the order of what they are called. */
export function offersIn<Row>(rows: readonly Row[], offersOf: (row: Row) => readonly Offer[]): Offer[] {
  const offers = new Map<string, Offer>();
  for (const row of rows) {
    for (const offer of offersOf(row)) offers.set(offer.value, offer);
    if (offers.size >= OFFERED_MAX) break;
  }
  return [...offers.values()].sort((a, b) => (a.text ?? a.value).localeCompare(b.text ?? b.value));
}
