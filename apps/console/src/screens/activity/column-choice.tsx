import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from "react";
import { Icon } from "../../ui/icon.tsx";
import { type ColumnName, columnNames, columns as everyColumn } from "./table/columns.tsx";
import type { Columns } from "./use-columns.ts";
import { useLogView } from "./view.ts";

/** What of a line has the focus, so that it has it again after the line has moved. */
type Part = "choose" | "up" | "down";

/** Which columns there are and in which order: those on the screen first, as they stand there, then the others. A line moves with its
 *  buttons, with Alt and an arrow key, or by its grip. */
export function ColumnChoice({ columns }: { columns: Columns }) {
  const { lens } = useLogView();
  const { names } = columns;
  const list = useRef<HTMLUListElement>(null);
  const [told, setTold] = useState("");
  const focusAgain = useFocusAgain(list);
  const drag = useDrag(list, names, columns.move);
  const headOf = (name: ColumnName) => lens.heads[name] ?? everyColumn[name].head;
  const move = (name: ColumnName, step: -1 | 1, part: Part) => {
    const to = names.indexOf(name) + step;
    if (to < 0 || to >= names.length) return;
    columns.move(name, to);
    setTold(`${headOf(name)} is column ${to + 1} of ${names.length} now.`);
    focusAgain(name, part);
  };
  const toggle = (name: ColumnName) => {
    columns.toggle(name);
    focusAgain(name, "choose");
  };
  const others = columnNames.filter((name) => !names.includes(name));
  return (
    <fieldset className="field column-choice">
      <legend>Columns</legend>
      {columns.narrow ? <span className="hint">For wider screens: this one shows two lines a row.</span> : null}
      <ul ref={list} aria-label="Columns in their order">
        {names.map((name, place) => (
          <Line
            key={name}
            name={name}
            head={headOf(name)}
            first={place === 0}
            last={place === names.length - 1}
            drop={drag.dropAt(place)}
            dragged={drag.name === name}
            onGrip={(event) => drag.start(event, name)}
            onToggle={() => toggle(name)}
            onMove={(step, part) => move(name, step, part)}
          />
        ))}
      </ul>
      <ul className="others" aria-label="Other columns">
        {others.map((name) => (
          <li key={name} data-line={name}>
            <Choose head={headOf(name)} chosen={false} onToggle={() => toggle(name)} />
          </li>
        ))}
      </ul>
      <span className="only-read" role="status">
        {told}
      </span>
      {columns.chosen ? (
        <button type="button" className="linklike" onClick={columns.reset}>
          Back to the usual ones
        </button>
      ) : (
        <span className="hint">The usual ones; where there is no room, some are left out.</span>
      )}
    </fieldset>
  );
}

interface LineProps {
  name: ColumnName;
  head: string;
  first: boolean;
  last: boolean;
  /** Where a dragged line would come to lie beside this one. */
  drop: "before" | "after" | undefined;
  dragged: boolean;
  onGrip: (event: PointerEvent) => void;
  onToggle: () => void;
  onMove: (step: -1 | 1, part: Part) => void;
}

function Line({ name, head, first, last, drop, dragged, onGrip, onToggle, onMove }: LineProps) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const part = (event.target as Element).closest<HTMLElement>("[data-part]")?.dataset.part as Part | undefined;
    onMove(event.key === "ArrowUp" ? -1 : 1, part ?? "choose");
  };
  return (
    <li data-line={name} data-drop={drop} data-dragged={dragged} onKeyDown={onKeyDown}>
      <span className="grip" aria-hidden="true" title="Drag to another place" onPointerDown={onGrip}>
        <Icon name="grip" size={14} />
      </span>
      <Choose head={head} chosen onToggle={onToggle} />
      <Step head={head} part="up" idle={first} onStep={() => onMove(-1, "up")} />
      <Step head={head} part="down" idle={last} onStep={() => onMove(1, "down")} />
    </li>
  );
}

function Choose({ head, chosen, onToggle }: { head: string; chosen: boolean; onToggle: () => void }) {
  return (
    <label>
      <input type="checkbox" data-part="choose" checked={chosen} onChange={onToggle} />
      {head}
    </label>
  );
}

/** At the end of its way a button stays, so that the focus does. */
function Step(props: { head: string; part: "up" | "down"; idle: boolean; onStep: () => void }) {
  const { head, part, idle, onStep } = props;
  return (
    <button
      type="button"
      className="btn bare step"
      data-part={part}
      aria-disabled={idle}
      aria-label={`Move ${head} ${part}`}
      title={`Move ${part} (Alt ${part === "up" ? "↑" : "↓"})`}
      onClick={onStep}
    >
      <Icon name={part} size={13} />
    </button>
  );
}

/** Gives the focus back to a control whose line has moved: a browser takes it away from what is put elsewhere. */
function useFocusAgain(list: React.RefObject<HTMLElement | null>): (name: ColumnName, part: Part) => void {
  const wanted = useRef("");
  useEffect(() => {
    if (wanted.current === "") return;
    list.current?.closest("fieldset")?.querySelector<HTMLElement>(wanted.current)?.focus();
    wanted.current = "";
  });
  return (name, part) => {
    wanted.current = `[data-line="${name}"] [data-part="${part}"]`;
  };
}

/** Dragging a line by its grip, with a mouse or a finger. The lines keep still meanwhile; a mark shows where it would come to lie. */
function useDrag(
  list: React.RefObject<HTMLElement | null>,
  names: readonly ColumnName[],
  onMove: (name: ColumnName, to: number) => void,
) {
  const [drag, setDrag] = useState<{ name: ColumnName; to: number } | null>(null);
  const start = (down: PointerEvent, name: ColumnName) => {
    if (down.button !== 0) return;
    down.preventDefault();
    const grip = down.currentTarget as HTMLElement;
    grip.setPointerCapture(down.pointerId);
    let to = names.indexOf(name);
    setDrag({ name, to });
    const over = (event: globalThis.PointerEvent) => {
      const lines = [...(list.current?.children ?? [])].map((line) => line.getBoundingClientRect());
      const others = lines.filter((_, place) => names[place] !== name);
      to = others.filter((line) => line.top + line.height / 2 < event.clientY).length;
      setDrag({ name, to });
    };
    const end = (event: globalThis.PointerEvent) => {
      grip.removeEventListener("pointermove", over);
      grip.removeEventListener("pointerup", end);
      grip.removeEventListener("pointercancel", end);
      setDrag(null);
      if (event.type === "pointerup" && to !== names.indexOf(name)) onMove(name, to);
    };
    grip.addEventListener("pointermove", over);
    grip.addEventListener("pointerup", end);
    grip.addEventListener("pointercancel", end);
  };
  const from = drag ? names.indexOf(drag.name) : -1;
  const dropAt = (place: number): "before" | "after" | undefined =>
    drag === null || drag.to === from || place !== drag.to ? undefined : drag.to < from ? "before" : "after";
  return { name: drag?.name, start, dropAt };
}
