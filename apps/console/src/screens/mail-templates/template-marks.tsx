import type { TemplateSummary } from "@daybook/contract";
import { Icon } from "../../ui/icon.tsx";

/** What is to know about a template at a glance. */
export function TemplateMarks({ template }: { template: TemplateSummary }) {
  const { kind, shipped, changed, broken } = template;
  return (
    <span className="template-marks">
      {kind === "partial" ? <span className="word-mark">partial</span> : null}
      {shipped ? null : <span className="word-mark">your own</span>}
      {shipped && changed ? <span className="word-mark changed">changed</span> : null}
      {broken ? (
        <span className="word-mark broken" title={broken}>
          <Icon name="warning" size={12} />
          broken
        </span>
      ) : null}
    </span>
  );
}

const languages = new Intl.DisplayNames("en", { type: "language", fallback: "code" });

/** "German" for de, "Brazilian Portuguese" for pt-BR. */
export function localeName(locale: string): string {
  try {
    return languages.of(locale) ?? locale;
  } catch {
    return locale;
  }
}
