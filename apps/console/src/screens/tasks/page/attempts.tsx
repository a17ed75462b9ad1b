import type { TaskAttempt } from "@daybook/contract";
import { durationText } from "../../../lib/duration-text.ts";
import { StatusMark } from "../status-mark.tsx";

interface AttemptsProps {
  attempts: readonly TaskAttempt[];
  /** Null: all of them. */
  chosen: number | null;
  onChoose: (attempt: number | null) => void;
}

/** The attempts as tabs; one shows its own output and its own error. */
export function Attempts({ attempts, chosen, onChoose }: AttemptsProps) {
  const latestFirst = [...attempts].sort((a, b) => b.attempt - a.attempt);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="attempts" role="group" aria-label="Attempts">
      <button type="button" aria-pressed={chosen === null} onClick={() => onChoose(null)}>
        All attempts
      </button>
      {latestFirst.map(({ attempt, status, durationMs }) => (
        <button key={attempt} type="button" aria-pressed={chosen === attempt} onClick={() => onChoose(attempt)}>
          <StatusMark status={status} short />
          Attempt {attempt}
          {durationMs === undefined ? null : <span className="faint">{durationText(durationMs)}</span>}
        </button>
      ))}
    </div>
  );
}
