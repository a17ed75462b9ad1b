interface StatusTabProps {
  name: string;
  title?: string;
  /** How many there are; left out while that is not known. */
  count: string | undefined;
  chosen: boolean;
  onChoose: () => void;
}

/** One status of the rows of a list, among the others. */
export function StatusTab({ name, title, count, chosen, onChoose }: StatusTabProps) {
  return (
    <button type="button" aria-pressed={chosen} data-status={name} title={title} onClick={onChoose}>
      {name} {count === undefined ? null : <span className="tab-count">{count}</span>}
    </button>
  );
}
