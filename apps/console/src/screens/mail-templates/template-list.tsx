// biome-ignore-all lint/a11y/useSemanticElements: cells of a table element lose their roles where they are laid out as a card
// biome-ignore-all lint/a11y/useFocusableInteractive: the links in the rows have the focus
import type { TemplateSummary } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { count } from "../../lib/numbers.ts";
import { ShortTime } from "../../ui/time.tsx";
import { localeName, TemplateMarks } from "./template-marks.tsx";

const columns = ["Template", "Languages", "State", "Last change", "Sent, 30 days"] as const;

export function TemplateList({ workspace, templates }: { workspace: string; templates: readonly TemplateSummary[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <div className="template-scroll" tabIndex={0} role="region" aria-label="Mail templates">
      <div className="template-table" role="table" aria-label="Mail templates">
        <div role="rowgroup" className="template-rows-head">
          <div role="row" className="template-row">
            {columns.map((column) => (
              <span role="columnheader" key={column}>
                {column}
              </span>
            ))}
          </div>
        </div>
        <div role="rowgroup">
          {templates.map((template) => (
            <Row key={template.name} workspace={workspace} template={template} />
          ))}
        </div>
      </div>
    </div>
  );
}

function Row({ workspace, template }: { workspace: string; template: TemplateSummary }) {
  const { name, title, what, locales, updatedAt, updatedBy, sentLast30Days } = template;
  return (
    <div role="row" className="template-row" data-template={name}>
      <span role="cell" className="at-template">
        <Link to="/w/$workspace/mail-templates/$name" params={{ workspace, name }} search={{}}>
          {title}
        </Link>
        <span className="soft cut">
          <span className="mono">{name}</span>
          {what ? ` · ${what}` : ""}
        </span>
      </span>
      <span role="cell" className="at-locales">
        {locales.map((locale) => (
          <span key={locale} className="badge" title={localeName(locale)}>
            {locale}
          </span>
        ))}
      </span>
      <span role="cell" className="at-marks">
        <TemplateMarks template={template} />
      </span>
      <span role="cell" className="at-change">
        {updatedAt ? (
          <>
            <ShortTime at={updatedAt} />
            {updatedBy ? <span className="soft"> {updatedBy}</span> : null}
          </>
        ) : (
          <span className="faint">as shipped</span>
        )}
      </span>
      <span role="cell" className="at-sent">
        {sentLast30Days === undefined || template.kind === "partial" ? (
          <span className="faint">–</span>
        ) : (
          <>
            {count(sentLast30Days)}
            <span className="sent-word"> sent in 30 days</span>
          </>
        )}
      </span>
    </div>
  );
}
