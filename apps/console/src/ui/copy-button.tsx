import { type ReactNode, useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

interface CopyButtonProps {
  /** The text, or how to make it when it is asked for. */
  text: string | (() => string);
  children?: ReactNode;
  label?: string;
  className?: string;
}

/** Puts a text on the clipboard and says so. */
export function CopyButton({ text, children, label, className = "btn" }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), 1600);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => {
    setState((await copyText(typeof text === "string" ? text : text())) ? "copied" : "failed");
  };
  return (
    <button type="button" className={className} onClick={copy} aria-label={label}>
      {children ?? <Icon name="copy" size={14} />}
      <span className={state === "idle" ? "only-read" : "copied"} role="status">
        {state === "copied" ? "Copied" : state === "failed" ? "Not copied" : ""}
      </span>
    </button>
  );
}

/** Copies; on plain http, where browsers offer no clipboard, by way of a selection. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "only-read";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** A command or a text to copy, in a box. */
export function CopyBlock({ text, label }: { text: string; label: string }) {
  return (
    <div className="copy-block">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      {/* biome-ignore lint/a11y/useSemanticElements: the text is preformatted */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`Copy: ${label}`} className="btn small" />
    </div>
  );
}
