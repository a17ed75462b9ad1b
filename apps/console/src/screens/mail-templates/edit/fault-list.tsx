import type { TemplateFault } from "@daybook/contract";
import { Icon } from "../../../ui/icon.tsx";

const partNames = { subject: "Subject", html: "HTML", text: "Text" } as const;

/** What the server found, in words: marks in the text alone are not read by everybody. */
export function FaultList({ faults }: { faults: readonly TemplateFault[] }) {
  if (faults.length === 0) return null;
  return (
    <ul className="fault-list" aria-label="Faults">
      {faults.map((fault) => (
        <li key={JSON.stringify(fault)} data-severity={fault.severity}>
          <Icon name="warning" size={14} />
          <span>
            <span className="only-read">{fault.severity}: </span>
            {fault.message}
            <span className="faint">
              {" "}
              {partNames[fault.part]}
              {fault.line === undefined ? "" : `, line ${fault.line}`}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}
