import type { QueryFault } from "./fault.ts";
import { wordsOf } from "./query-text.ts";

/** The text of the search box once more, coloured; it lies exactly under the box's own, transparent text. */
export function Tokens({ text, fault }: { text: string; fault: QueryFault | null }) {
  const parts: React.ReactNode[] = [];
  let at = 0;
  for (const word of wordsOf(text)) {
    parts.push(text.slice(at, word.start));
    const kind = word.key === "" ? (word.negated ? "tok neg" : "tok word") : word.negated ? "tok neg" : "tok";
    const start = word.start;
    parts.push(
      <span key={start} className={kind}>
        {marked(text, start, word.end, fault)}
      </span>,
    );
    at = word.end;
  }
  parts.push(text.slice(at));
  if (fault && fault.position >= text.trimEnd().length)
    parts.push(
      <span key="end" className="at-fault">
        {"\u00a0"}
      </span>,
    );
  return <>{parts}</>;
}

function marked(text: string, start: number, end: number, fault: QueryFault | null): React.ReactNode {
  if (!fault) return text.slice(start, end);
  const from = Math.max(start, fault.position);
  const to = Math.min(end, fault.position + fault.length);
  if (from >= to) return text.slice(start, end);
  return (
    <>
      {text.slice(start, from)}
      <span className="at-fault">{text.slice(from, to)}</span>
      {text.slice(to, end)}
    </>
  );
}
