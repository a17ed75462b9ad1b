import { useEffect, useRef } from "react";
import type { Choice } from "./completion.ts";

interface CompletionListProps {
  id: string;
  choices: Choice[];
  active: number;
  onChoose: (choice: Choice) => void;
}

export function CompletionList({ id, choices, active, onChoose }: CompletionListProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  return (
    <div className="popup completion" role="listbox" id={`${id}-list`} aria-label="Completions" ref={list}>
      {choices.map((choice, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the search box, which keeps the focus
        <div
          key={choice.label}
          id={`${id}-${index}`}
          className="item"
          role="option"
          tabIndex={-1}
          aria-selected={index === active}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => onChoose(choice)}
        >
          <code>{choice.label}</code>
          <span className="end cut">{choice.note}</span>
        </div>
      ))}
    </div>
  );
}
