import type { TemplateFault, TemplateSummary } from "@daybook/contract";
import { lazy, Suspense, useId, useMemo } from "react";
import { Skeleton } from "../../../ui/states.tsx";
import type { KnownWords } from "../code/completion.ts";
import { FaultList } from "./fault-list.tsx";
import type { TemplateWork } from "./use-template-work.ts";

const CodeEditor = lazy(() => import("../code/code-editor.tsx"));

interface WritePartProps {
  work: TemplateWork;
  faults: readonly TemplateFault[];
  partials: readonly TemplateSummary[];
}

/** Subject, HTML and text in one language. */
export function WritePart({ work, faults, partials }: WritePartProps) {
  const { template, text, shared, setText, may } = work;
  const hint = useId();
  const known: KnownWords = useMemo(() => ({ tokens: shared.tokens, partials }), [shared.tokens, partials]);
  const of = useFaultsByPart(faults);
  const common = { known, describedBy: hint, readOnly: !may };
  return (
    <section className="write-part" aria-label="Write">
      <Suspense fallback={<Skeleton lines={12} label="Opening the editor" />}>
        {template.kind === "partial" ? null : (
          <>
            <span className="part-name">Subject</span>
            <CodeEditor
              {...common}
              oneLine
              label="Subject"
              value={text.subject}
              faults={of.subject}
              onChange={(subject) => setText({ subject })}
            />
          </>
        )}
        <span className="part-name">HTML</span>
        <CodeEditor
          {...common}
          label="HTML"
          value={text.html}
          faults={of.html}
          onChange={(html) => setText({ html })}
        />
        <TextChoice work={work} />
        {text.text === null ? null : (
          <CodeEditor
            {...common}
            label="Text"
            value={text.text}
            faults={of.text}
            onChange={(next) => setText({ text: next })}
          />
        )}
      </Suspense>
      <FaultList faults={faults} />
      <p id={hint} className="hint editor-hint">
        <kbd>{"{{"}</kbd> offers tokens, <kbd>{"{%"}</kbd> tags, <kbd>|</kbd> filters. <kbd>Tab</kbd> leaves the editor,{" "}
        <kbd>Ctrl ]</kbd> indents, <kbd>F8</kbd> goes to the next fault, <kbd>Ctrl S</kbd> saves.
      </p>
    </section>
  );
}

/** The text part: made from the HTML, or written. */
function TextChoice({ work: { text, setText, may, template } }: { work: TemplateWork }) {
  const made = text.text === null;
  if (template.kind === "partial") return null;
  return (
    <div className="text-choice">
      <span className="part-name" id="text-choice">
        Text
      </span>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser */}
      <div className="seg" role="group" aria-labelledby="text-choice">
        <button type="button" aria-pressed={made} disabled={!may} onClick={() => setText({ text: null })}>
          Made from the HTML
        </button>
        <button
          type="button"
          aria-pressed={!made}
          disabled={!may}
          onClick={() => made && setText({ text: template.text ?? template.default?.text ?? "" })}
        >
          Written
        </button>
      </div>
    </div>
  );
}

function useFaultsByPart(faults: readonly TemplateFault[]) {
  return useMemo(
    () => ({
      subject: faults.filter(({ part }) => part === "subject"),
      html: faults.filter(({ part }) => part === "html"),
      text: faults.filter(({ part }) => part === "text"),
    }),
    [faults],
  );
}
