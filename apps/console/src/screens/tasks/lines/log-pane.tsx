import type { Task } from "@daybook/contract";
import { useEffect, useRef, useState } from "react";
import { outputUrl } from "../../../api/tasks.ts";
import { count, plural } from "../../../lib/numbers.ts";
import { Preference, usePreference } from "../../../lib/preference.ts";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import "./lines.css";
import { LineRow } from "./line-row.tsx";
import { LogTools } from "./log-tools.tsx";
import { useLineWindow, useTail } from "./use-line-window.ts";
import { type LineChoice, useChosenLines, useFound, useLines } from "./use-lines.ts";

const wrap = new Preference<"on" | "off">("log-wrap", "off");
const times = new Preference<"on" | "off">("log-times", "off");

interface LogPaneProps {
  workspace: string;
  task: Task;
  /** Null: of every attempt. */
  attempt: number | null;
}

/** What a task has written: it follows the end, and only what is seen is drawn. */
export function LogPane({ workspace, task, attempt }: LogPaneProps) {
  const [stream, setStream] = useState<LineChoice["stream"]>("all");
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const word = typed.toLowerCase();
  const choice = { stream, attempt };
  const output = useLines(workspace, task.id);
  const chosen = useChosenLines(output, choice);
  const found = useFound(output, word, choice);
  const wraps = usePreference(wrap) === "on";
  const scroller = useRef<HTMLDivElement>(null);
  const lines = useLineWindow(scroller, chosen.rows, wraps);
  const { follows, setFollows } = useTail(scroller, lines.heightPx);
  const unseen = useUnseen(chosen.rows, follows);
  const current = found.lines[Math.min(at, found.lines.length - 1)];
  const goTo = (to: number) => {
    const n = found.lines[to];
    if (n === undefined) return;
    setAt(to);
    setFollows(false);
    lines.scrollTo(chosen.rowOfLine(n));
  };
  const search = (text: string) => {
    setTyped(text);
    setAt(0);
  };
  return (
    <section
      className="log-pane"
      aria-label="Output"
      data-wrap={wraps}
      data-empty={output.state.ready && output.state.total === 0}
    >
      <LogTools
        search={{ typed, onType: search, found, at, onGo: goTo }}
        stream={stream}
        onStream={setStream}
        wrap={wrap}
        times={times}
        download={outputUrl(workspace, task.id)}
      />
      <div className="log-frame">
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
        {/* biome-ignore lint/a11y/useSemanticElements: the pane is named by the section around it */}
        <div className="log-scroll" ref={scroller} tabIndex={0} role="region" aria-label="Lines of the output">
          <Lines output={output} chosen={chosen} lines={lines} word={word} current={current} />
        </div>
        <Instead output={output} task={task} rows={chosen.rows} waiting={chosen.waiting} />
        {unseen > 0 ? (
          <button type="button" className="new-rows log-new" onClick={() => setFollows(true)}>
            ↓ {plural(unseen, "new line")}
          </button>
        ) : null}
      </div>
    </section>
  );
}

interface LinesProps {
  output: ReturnType<typeof useLines>;
  chosen: ReturnType<typeof useChosenLines>;
  lines: ReturnType<typeof useLineWindow>;
  word: string;
  current: number | undefined;
}

/** The lines in sight; those that are not here yet are asked for. */
function Lines({ output: { store, state }, chosen, lines, word, current }: LinesProps) {
  const showsTimes = usePreference(times) === "on";
  const { items, measure } = lines;
  const first = items[0]?.index;
  const last = items.at(-1)?.index;
  useEffect(() => {
    if (!state.ready || first === undefined || last === undefined) return;
    for (let row = first; row <= last; row++) {
      const n = chosen.lineOfRow(row);
      if (n !== null && store.get(n) === undefined) store.want(n, n);
    }
  });
  return (
    <div className="log-lines" style={{ height: lines.heightPx }}>
      {items.map(({ index, start }) => {
        const n = chosen.lineOfRow(index);
        if (n === null)
          return (
            <div
              key="folded"
              className="log-line log-folded"
              ref={measure}
              data-index={index}
              style={{ transform: `translateY(${start}px)` }}
            >
              {plural(state.folded?.count ?? 0, "line")} of the middle {state.folded?.count === 1 ? "is" : "are"} not
              kept
            </div>
          );
        return (
          <LineRow
            key={n}
            line={store.get(n)}
            index={index}
            top={start}
            times={showsTimes}
            word={word}
            current={n === current && word !== ""}
            measure={measure}
          />
        );
      })}
    </div>
  );
}

interface InsteadProps {
  output: ReturnType<typeof useLines>;
  task: Task;
  rows: number;
  waiting: boolean;
}

/** What stands in the pane while there are no lines. */
function Instead({ output: { store, state, status }, task, rows, waiting }: InsteadProps) {
  if (state.error !== undefined && rows === 0)
    return (
      <div className="log-instead">
        <Failure error={state.error} retry={() => void store.open()} />
      </div>
    );
  if (!state.ready)
    return (
      <div className="log-instead">
        <Skeleton lines={8} label="Reading the output" />
      </div>
    );
  if (waiting) return <p className="log-instead log-note">Reading all {count(state.total)} lines …</p>;
  if (rows > 0)
    return status === "waiting" && task.status === "running" ? (
      <p className="log-broken" role="status">
        The stream broke off; trying again.
      </p>
    ) : null;
  if (state.total > 0) return <p className="log-instead log-note">No line of this kind.</p>;
  const open = task.status === "pending" || task.status === "running";
  return (
    <p className="log-instead log-note">
      {open ? "Nothing written yet. Lines appear here as they come." : "This task wrote nothing."}
    </p>
  );
}

/** Rows that came since somebody left the end. */
function useUnseen(rows: number, follows: boolean): number {
  const [left, setLeft] = useState(rows);
  useEffect(() => {
    if (follows) setLeft(rows);
  }, [rows, follows]);
  return follows ? 0 : Math.max(0, rows - left);
}
