import type { TemplateSummary } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { templatesQuery } from "../../api/mail-templates.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Empty, Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import "../tasks/tasks.css";
import "./mail-templates.css";
import { NewTemplateForm } from "./new-template-form.tsx";
import { TemplateList } from "./template-list.tsx";
import type { TemplateListSearch } from "./template-search.ts";

/** Every mail the platform can send: what it says, in which languages, and who changed it last. */
export function MailTemplates() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const search: TemplateListSearch = useSearch({ from: "/w/$workspace/mail-templates" });
  const navigate = useNavigate({ from: "/w/$workspace/mail-templates" });
  const read = useQuery(templatesQuery(workspace));
  const may = useMay("mail.write");
  const [making, setMaking] = useState(false);
  const shown = useMemo(() => found(read.data ?? [], search.q), [read.data, search.q]);
  return (
    <div className="activity templates-screen">
      <ScreenHeader name="Mail templates">
        <SearchField
          id="template-search"
          label="Search mail templates"
          placeholder="Name, title, words"
          view={{
            search,
            change: ({ q }, options) =>
              void navigate({ search: q ? { q } : {}, ...(options?.replace && { replace: true }) }),
            refresh: () => void read.refetch(),
          }}
        />
        <div className="controls">
          {may ? (
            <button
              type="button"
              className="btn new-template"
              aria-expanded={making}
              onClick={() => setMaking(!making)}
            >
              New <span>template</span>
            </button>
          ) : null}
        </div>
      </ScreenHeader>
      {making && read.data ? (
        <div className="template-making">
          <NewTemplateForm workspace={workspace} templates={read.data} onDone={() => setMaking(false)} />
        </div>
      ) : null}
      {read.data ? (
        shown.length > 0 ? (
          <TemplateList workspace={workspace} templates={shown} />
        ) : (
          <None q={search.q} />
        )
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : (
        <Skeleton lines={12} label="Reading the mail templates" />
      )}
    </div>
  );
}

/** Those that fit; what needs eyes first, then by name, partials last. */
function found(templates: readonly TemplateSummary[], q = ""): TemplateSummary[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  return templates
    .filter(({ name, title, what = "", kind, locales, shipped, changed, broken }) => {
      const marks = `${kind} ${shipped ? "" : "your own"} ${shipped && changed ? "changed" : ""} ${broken ? "broken" : ""}`;
      const text = `${name} ${title} ${what} ${marks} ${locales.join(" ")}`.toLowerCase();
      return words.every((word) => text.includes(word));
    })
    .sort(
      (a, b) =>
        Number(b.broken !== undefined) - Number(a.broken !== undefined) ||
        Number(a.kind === "partial") - Number(b.kind === "partial") ||
        a.title.localeCompare(b.title),
    );
}

function None({ q }: { q: string | undefined }) {
  return q ? (
    <Empty title="No template here">
      <p>None fits what is searched.</p>
    </Empty>
  ) : (
    <Empty title="No templates">
      <p>The shipped ones stand here, and those that you make with New template.</p>
    </Empty>
  );
}
