import { type Trace, type TraceReason, traceReasons } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { traceQuery } from "../../api/parties.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { plural } from "../../lib/numbers.ts";
import { ActorMark, OutcomePill } from "../../ui/mark.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import { FullTime } from "../../ui/time.tsx";
import { actorName, fullSentence, rowSentence } from "../activity/sentence.ts";
import { Sentence } from "../activity/table/cells.tsx";
import { spaceText } from "./space-text.ts";
import "./trace.css";

const reasonNames: Record<TraceReason, string> = {
  request: "same request",
  session: "same session",
  actor: "same actor",
  target: "same target",
};

const spans = [
  { minutes: 2, name: "2 min" },
  { minutes: 10, name: "10 min" },
  { minutes: 60, name: "1 h" },
  { minutes: 1440, name: "1 day" },
] as const;

/** From one event to its request, its session and its neighbours: one line of time, with why each stands there. */
export function TracePage() {
  const { workspace, id } = useParams({ from: "/w/$workspace/trace/$id" });
  const { minutes = 10 } = useSearch({ from: "/w/$workspace/trace/$id" });
  const read = useQuery(traceQuery(workspace, id, minutes));
  return (
    <PlainScreen name="Trace" actions={<Around minutes={minutes} />}>
      {read.data ? (
        <TraceInFull key={id} trace={read.data} workspace={workspace} />
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : (
        <Skeleton lines={14} label="Reading the log" />
      )}
    </PlainScreen>
  );
}

/** How far around the event neighbours are looked for. */
function Around({ minutes }: { minutes: number }) {
  const navigate = useNavigate({ from: "/w/$workspace/trace/$id" });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="seg" role="group" aria-label="Neighbours within">
      {spans.map((span) => (
        <button
          key={span.minutes}
          type="button"
          aria-pressed={span.minutes === minutes}
          onClick={() => void navigate({ search: { minutes: span.minutes }, replace: true })}
        >
          {span.name}
        </button>
      ))}
    </div>
  );
}

function TraceInFull({ trace, workspace }: { trace: Trace; workspace: string }) {
  const { event, items, minutes, cut } = trace;
  const [left, setLeft] = useState<ReadonlySet<TraceReason>>(new Set());
  const shown = useMemo(
    () => items.filter((item) => item.event.id === event.id || item.because.some((reason) => !left.has(reason))),
    [items, event.id, left],
  );
  const others = (reason: TraceReason) => items.filter((item) => item.because.includes(reason)).length - 1;
  const present = traceReasons.filter((reason) => others(reason) > 0);
  const toggle = (reason: TraceReason) => {
    const next = new Set(left);
    if (!next.delete(reason)) next.add(reason);
    setLeft(next);
  };
  return (
    <div className="trace">
      <header>
        <h2>
          <Sentence pieces={fullSentence(event)} />
        </h2>
        <p className="soft">
          <FullTime at={event.occurredAt} /> ·{" "}
          <Link to="/w/$workspace/activity" params={{ workspace }} search={{ range: "all", event: event.id }}>
            Open the event
          </Link>
        </p>
      </header>
      <div className="trace-reasons">
        {present.map((reason) => (
          <button
            key={reason}
            type="button"
            className="trace-reason"
            data-reason={reason}
            aria-pressed={!left.has(reason)}
            onClick={() => toggle(reason)}
          >
            {reasonNames[reason]} <b>{others(reason)}</b>
            {reason === "actor" || reason === "target" ? ` within ${spaceText(minutes * 60_000)}` : ""}
            {cut.includes(reason) ? " (the nearest)" : ""}
          </button>
        ))}
      </div>
      {items.length === 1 ? (
        <p className="soft">
          Nothing else belongs to it: it has no request or session in common with another event, and within{" "}
          {spaceText(minutes * 60_000)} neither its actor nor its target appears again.
        </p>
      ) : (
        <ol className="trace-line" aria-label={`${plural(shown.length, "event")}, oldest first`}>
          {shown.map((item) => (
            <Step key={item.event.id} item={item} trace={trace} workspace={workspace} />
          ))}
        </ol>
      )}
    </div>
  );
}

interface StepProps {
  item: Trace["items"][number];
  trace: Trace;
  workspace: string;
}

function Step({ item: { event, because }, trace, workspace }: StepProps) {
  const here = event.id === trace.event.id;
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (here) line.current?.scrollIntoView({ block: "center" });
  }, [here]);
  const apart = Date.parse(event.occurredAt) - Date.parse(trace.event.occurredAt);
  return (
    <li ref={line} data-here={here} data-outcome={event.outcome} aria-current={here ? "true" : undefined}>
      <time className="trace-apart mono" dateTime={event.occurredAt} title={event.occurredAt}>
        {here ? "this event" : spaceText(apart, true)}
      </time>
      <span className="trace-what">
        <span className="actor">
          <ActorMark actor={event.actor} />
          <span className="cut">{actorName(event.actor)}</span>
        </span>
        <Link
          to="/w/$workspace/trace/$id"
          params={{ workspace, id: event.id }}
          search={{ minutes: trace.minutes }}
          className="trace-sentence"
          title="Trace from here"
        >
          <Sentence pieces={rowSentence(event)} />
        </Link>
        {event.outcome === "success" ? null : <OutcomePill outcome={event.outcome} />}
      </span>
      <span className="trace-because">
        {here
          ? null
          : because.map((reason) => (
              <span key={reason} className="trace-tag" data-reason={reason}>
                {reasonNames[reason]}
              </span>
            ))}
      </span>
    </li>
  );
}
