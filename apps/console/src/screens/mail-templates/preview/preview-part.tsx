import { useRef, useState } from "react";
import { useWidth } from "../../../lib/size.ts";
import { MailFrame } from "../../../ui/mail-frame.tsx";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import type { TemplateWork } from "../edit/use-template-work.ts";
import { DataChoice } from "./data-choice.tsx";
import type { PreviewState } from "./use-preview.ts";

/** The widths that mails are made for: a window, and a small telephone. */
const widths = [600, 320] as const;
type Width = (typeof widths)[number];

/** How the mail looks: the server renders it, a frame that may do nothing shows it. */
export function PreviewPart({ work, preview }: { work: TemplateWork; preview: PreviewState }) {
  const { shown, error, broken, behind } = preview;
  const [part, setPart] = useState<"html" | "text">("html");
  const [width, setWidth] = useState<Width>(600);
  const [dark, setDark] = useState(false);
  return (
    <section className="preview-part" aria-label="Preview" aria-busy={behind}>
      <div className="preview-bar">
        <Choice label="Part" of={["html", "text"]} names={["HTML", "Text"]} value={part} onChoose={setPart} />
        {part === "html" ? (
          <>
            <Choice label="Width in pixels" of={widths} names={["600", "320"]} value={width} onChoose={setWidth} />
            <Choice
              label="The reader's theme"
              of={[false, true]}
              names={["Light", "Dark"]}
              value={dark}
              onChoose={setDark}
            />
          </>
        ) : null}
      </div>
      <DataChoice work={work} preview={preview} />
      {broken ? (
        <p className="notice bad" role="status">
          It cannot be rendered: {broken.message}.{shown ? " What could be, before, is shown." : ""}
          {broken.code === "too_slow" ? (
            <button type="button" className="btn small" onClick={preview.retry}>
              Try again
            </button>
          ) : null}
        </p>
      ) : null}
      {error ? (
        <Failure error={error} retry={preview.retry} />
      ) : shown ? (
        <>
          {work.template.kind === "partial" ? null : (
            <p className="preview-subject">
              <span className="faint">Subject</span> {shown.subject}
            </p>
          )}
          {part === "text" ? (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
            // biome-ignore lint/a11y/useSemanticElements: the text is preformatted
            <pre className="preview-text" tabIndex={0} role="region" aria-label="Text part of the mail">
              {shown.text}
            </pre>
          ) : (
            <Framed html={shown.html} width={width} dark={dark} />
          )}
        </>
      ) : broken ? null : (
        <Skeleton lines={8} label="Rendering the mail" />
      )}
    </section>
  );
}

interface FramedProps {
  html: string;
  width: Width;
  dark: boolean;
}

/** The frame as wide as the mail's window would be; where there is less room, it is drawn smaller. */
function Framed({ html, width, dark }: FramedProps) {
  const room = useRef<HTMLDivElement>(null);
  const roomPx = useWidth(room);
  const scale = roomPx > 0 && roomPx < width ? roomPx / width : 1;
  return (
    <div className="preview-room" ref={room}>
      <div
        className="preview-window"
        style={{ width, height: `${100 / scale}%`, ...(scale < 1 && { transform: `scale(${scale})` }) }}
      >
        <MailFrame html={html} title="Preview of the mail" remoteImages={false} dark={dark} />
      </div>
    </div>
  );
}

interface ChoiceProps<T> {
  label: string;
  of: readonly T[];
  names: readonly string[];
  value: T;
  onChoose: (value: T) => void;
}

function Choice<T extends string | number | boolean>({ label, of, names, value, onChoose }: ChoiceProps<T>) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="seg" role="group" aria-label={label}>
      {of.map((each, index) => (
        <button key={names[index]} type="button" aria-pressed={each === value} onClick={() => onChoose(each)}>
          {names[index]}
        </button>
      ))}
    </div>
  );
}
