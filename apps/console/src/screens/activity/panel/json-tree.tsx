import type { Json } from "@daybook/contract";
import { useState } from "react";

/** Deeper levels begin folded, and so do lists longer than this. */
const OPEN_DEPTH = 2;
const OPEN_ENTRIES_MAX = 20;
/** Entries of one level that are drawn before "more" is asked for. */
const ENTRIES_MAX = 100;

/** Any JSON as a tree whose branches fold. */
export function JsonTree({ value }: { value: Json }) {
  return (
    <div className="json mono">
      {typeof value === "object" && value !== null ? <Entries value={value} depth={0} /> : <Leaf value={value} />}
    </div>
  );
}

function Entries({ value, depth }: { value: Json[] | { [key: string]: Json }; depth: number }) {
  const [all, setAll] = useState(false);
  const entries = Object.entries(value);
  const shown = all ? entries : entries.slice(0, ENTRIES_MAX);
  return (
    <ul>
      {shown.map(([name, entry]) => (
        <li key={name}>
          <Entry name={name} value={entry} depth={depth} />
        </li>
      ))}
      {shown.length < entries.length ? (
        <li>
          <button type="button" className="linklike" onClick={() => setAll(true)}>
            {entries.length - shown.length} more
          </button>
        </li>
      ) : null}
    </ul>
  );
}

function Entry({ name, value, depth }: { name: string; value: Json; depth: number }) {
  if (typeof value !== "object" || value === null || Object.keys(value).length === 0) {
    return (
      <>
        <span className="json-name">{name}</span> <Leaf value={value} />
      </>
    );
  }
  const size = Object.keys(value).length;
  return <Branch name={name} value={value} size={size} depth={depth} />;
}

interface BranchProps {
  name: string;
  value: Json[] | { [key: string]: Json };
  size: number;
  depth: number;
}

function Branch({ name, value, size, depth }: BranchProps) {
  const [open, setOpen] = useState(depth < OPEN_DEPTH && size <= OPEN_ENTRIES_MAX);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <span className="json-name">{name}</span>{" "}
        <span className="faint">{Array.isArray(value) ? `[${size}]` : `{${size}}`}</span>
      </summary>
      {open ? <Entries value={value} depth={depth + 1} /> : null}
    </details>
  );
}

function Leaf({ value }: { value: Json }) {
  if (value === "[redacted]") return <span className="json-redacted">redacted</span>;
  if (typeof value === "string") return <span className="json-text">{value}</span>;
  return <span className="json-value">{JSON.stringify(value)}</span>;
}
