interface CheckProps {
  label: string;
  checked: boolean;
  onCheck: (checked: boolean) => void;
}

/** A checkbox with its words. */
export function Check({ label, checked, onCheck }: CheckProps) {
  return (
    <label className="check-line">
      <input type="checkbox" checked={checked} onChange={(event) => onCheck(event.target.checked)} />
      {label}
    </label>
  );
}
