import type { Task } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { taskTypesQuery } from "../../api/tasks.ts";
import { Icon } from "../../ui/icon.tsx";
import { closePopup, Popup } from "../../ui/popup.tsx";
import { type WordFilter, wordFilters } from "./task-search.ts";
import type { TaskView } from "./use-task-view.ts";

/** Values that a popup offers at most. */
const OFFERED_MAX = 60;

/** The filters by type, user, node, target and schedule, each a button that says its value. */
export function WordFilters({ view, rows }: { view: TaskView; rows: readonly Task[] }) {
  return wordFilters.map((filter) => <OneFilter key={filter.key} filter={filter} view={view} rows={rows} />);
}

interface OneFilterProps {
  filter: (typeof wordFilters)[number];
  view: TaskView;
  rows: readonly Task[];
}

function OneFilter({ filter: { key, name, hint }, view, rows }: OneFilterProps) {
  const { search, change } = view;
  const value = search[key];
  const popup = `filter-${key}`;
  return (
    <span className="quick-value" data-set={value !== undefined}>
      <button type="button" className="quick" popoverTarget={popup} aria-haspopup="dialog">
        <span>{name}</span>
        {value === undefined ? <Icon name="chevron" size={12} /> : <b className="cut">{value}</b>}
      </button>
      {value === undefined ? null : (
        <button
          type="button"
          className="quick-clear"
          aria-label={`Clear: ${name}`}
          onClick={() => change({ [key]: undefined })}
        >
          <Icon name="close" size={12} />
        </button>
      )}
      <Popup id={popup} label={name} role="dialog" className="quick-popup">
        <Choices
          label={name}
          hint={hint}
          filter={key}
          value={value ?? ""}
          view={view}
          rows={rows}
          onChoose={(chosen) => {
            closePopup(popup);
            change({ [key]: chosen || undefined });
          }}
        />
      </Popup>
    </span>
  );
}

interface ChoicesProps {
  label: string;
  hint: string;
  filter: WordFilter;
  value: string;
  view: TaskView;
  rows: readonly Task[];
  onChoose: (value: string) => void;
}

/** A field, and below it the values that are at hand: of types all, of the others those of the rows. */
function Choices({ label, hint, filter, value, view, rows, onChoose }: ChoicesProps) {
  const [typed, setTyped] = useState(value);
  const id = useId();
  const types = useQuery({ ...taskTypesQuery(view.workspace), enabled: filter === "type" }).data;
  const offered =
    filter === "type" && types ? types.map(({ type, title }) => ({ value: type, text: title })) : seen(filter, rows);
  const wanted = typed === value ? "" : typed.toLowerCase();
  const shown = offered.filter((each) => `${each.value} ${each.text ?? ""}`.toLowerCase().includes(wanted));
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

interface Offer {
  value: string;
  text?: string | undefined;
}

function seen(filter: WordFilter, rows: readonly Task[]): Offer[] {
  const offers = new Map<string, Offer>();
  for (const task of rows) {
    for (const offer of offersOf(filter, task)) offers.set(offer.value, offer);
    if (offers.size >= OFFERED_MAX) break;
  }
  return [...offers.values()].sort((a, b) => (a.text ?? a.value).localeCompare(b.text ?? b.value));
}

function offersOf(filter: WordFilter, task: Task): Offer[] {
  if (filter === "user") return task.user ? [{ value: task.user.id, text: task.user.name }] : [];
  if (filter === "target")
    return task.targets.map(({ type, id, name }) => ({ value: `${type}/${id}`, text: name === id ? undefined : name }));
  const value = filter === "schedule" ? task.scheduleName : task[filter];
  return value === undefined ? [] : [{ value }];
}
