import type { Template } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { templateQuery, templatesQuery } from "../../api/mail-templates.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { useMedia } from "../../lib/media.ts";
import { Modal } from "../../ui/modal.tsx";
import { Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { Ago } from "../../ui/time.tsx";
import "../activity/activity.css";
import "../tasks/tasks.css";
import { Conflict } from "./edit/conflict.tsx";
import { isEmpty } from "./edit/draft.ts";
import { LocaleTabs } from "./edit/locale-tabs.tsx";
import { SaveBar } from "./edit/save-bar.tsx";
import { SettingsPart } from "./edit/settings-part.tsx";
import { TokensPart } from "./edit/tokens-part.tsx";
import { type DraftState, useDraft } from "./edit/use-draft.ts";
import { type TemplateWork, useTemplateWork } from "./edit/use-template-work.ts";
import { WritePart } from "./edit/write-part.tsx";
import "./mail-templates.css";
import { PreviewPart } from "./preview/preview-part.tsx";
import { usePreview } from "./preview/use-preview.ts";
import { TemplateMarks } from "./template-marks.tsx";
import { type TemplatePart, type TemplateSearch, templateParts } from "./template-search.ts";
import { TestMessage } from "./test-message.tsx";
import { VersionsPart } from "./versions/versions-part.tsx";

/** Below this there is no room for the preview beside the text. */
const NARROW = "(width < 1080px)";

/** One template: its texts by language, how they look, what they may use, what they said before. */
export function TemplatePage() {
  const { workspace, name } = useParams({ from: "/w/$workspace/mail-templates/$name" });
  return <PageOf key={`${workspace} ${name}`} workspace={workspace} name={name} />;
}

function PageOf({ workspace, name }: { workspace: string; name: string }) {
  const search: TemplateSearch = useSearch({ from: "/w/$workspace/mail-templates/$name" });
  const read = useQuery(templateQuery(workspace, name, search.locale));
  const state = useDraft(workspace, name);
  const unsaved = !isEmpty(state.draft);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => unsaved && current.pathname !== next.pathname,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  return (
    <div className="template-page">
      <ScreenHeader name="Mail template">
        <div className="header-actions">
          {read.data && read.data.kind === "template" ? (
            <TestMessage
              workspace={workspace}
              template={read.data}
              locale={search.locale ?? read.data.locale}
              draft={state.draft}
            />
          ) : null}
          <Link className="btn" to="/w/$workspace/mail-templates" params={{ workspace }} search={{}}>
            All <span className="wide-word">templates</span>
          </Link>
        </div>
      </ScreenHeader>
      {read.data ? (
        <Loaded
          workspace={workspace}
          template={read.data}
          locale={search.locale ?? read.data.locale}
          part={search.part ?? "write"}
          state={state}
        />
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : (
        <Skeleton lines={14} label="Reading the mail template" />
      )}
      {blocker.status === "blocked" ? <Leaving onStay={blocker.reset} onLeave={blocker.proceed} /> : null}
    </div>
  );
}

function Leaving({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const title = "Leave with unsaved changes?";
  return (
    <Modal label={title} role="alertdialog" closesOutside={false} onClose={onStay}>
      <h2>{title}</h2>
      <p className="soft">They are kept in this tab, and shown when you come back to this template.</p>
      <div className="actions">
        <button type="button" className="btn" onClick={onStay}>
          Stay
        </button>
        <button type="button" className="btn primary" onClick={onLeave}>
          Leave
        </button>
      </div>
    </Modal>
  );
}

interface LoadedProps {
  workspace: string;
  template: Template;
  locale: string;
  part: TemplatePart;
  state: DraftState;
}

function Loaded({ workspace, template, locale, part: asked, state }: LoadedProps) {
  const narrow = useMedia(NARROW);
  const may = useMay("mail.write");
  const work = useTemplateWork(workspace, template, locale, may, state);
  const preview = usePreview(work);
  const all = useQuery(templatesQuery(workspace));
  const part = asked === "preview" && !narrow ? "write" : asked;
  useSaveKey(work);
  const partials = (all.data ?? []).filter((each) => each.kind === "partial" && each.name !== template.name);
  return (
    <>
      <div className="template-head">
        <div className="template-title">
          <h2>{work.shared.title}</h2>
          <code className="soft">{template.name}</code>
          <TemplateMarks template={template} />
          {template.what ? <span className="template-what soft">{template.what}</span> : null}
        </div>
        <div className="template-tabs">
          <PartTabs part={part} narrow={narrow} faults={preview.faults.length} />
          <LocaleTabs work={work} />
        </div>
      </div>
      <div className="template-notices">
        {may ? null : <ReadOnly what="mail templates" />}
        {template.broken ? (
          <p className="notice bad" role="alert">
            The newest version cannot be rendered: {template.broken} The last good one is sent.
          </p>
        ) : null}
        {state.keptAt ? (
          <p className="notice" role="status">
            Changes that you did not save <Ago at={state.keptAt} /> are shown here.
          </p>
        ) : null}
        {work.conflict ? <Conflict work={work} /> : null}
      </div>
      <div className="template-body" data-part={part}>
        {part === "write" ? <WritePart key={locale} work={work} faults={preview.faults} partials={partials} /> : null}
        {part === "tokens" ? <TokensPart work={work} /> : null}
        {part === "versions" ? <VersionsPart key={locale} work={work} narrow={narrow} /> : null}
        {part === "settings" ? <SettingsPart work={work} /> : null}
        {part === "preview" || (!narrow && part !== "versions") ? <PreviewPart work={work} preview={preview} /> : null}
      </div>
      {may && part !== "versions" ? <SaveBar work={work} faults={preview.faults} /> : null}
    </>
  );
}

const partNames: Record<TemplatePart, string> = {
  write: "Write",
  preview: "Preview",
  tokens: "Tokens",
  versions: "Versions",
  settings: "Settings",
};

function PartTabs({ part, narrow, faults }: { part: TemplatePart; narrow: boolean; faults: number }) {
  const navigate = useNavigate({ from: "/w/$workspace/mail-templates/$name" });
  const open = (next: TemplatePart) =>
    void navigate({ search: ({ part: _, ...others }) => ({ ...others, ...(next !== "write" && { part: next }) }) });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="status-tabs" role="group" aria-label="Part">
      {templateParts
        .filter((each) => narrow || each !== "preview")
        .map((each) => (
          <button key={each} type="button" aria-pressed={part === each} onClick={() => open(each)}>
            {partNames[each]}
            {each === "write" && faults > 0 ? (
              <span className="tab-count">
                {faults} <span className="only-read">{faults === 1 ? "fault" : "faults"}</span>
              </span>
            ) : null}
          </button>
        ))}
    </div>
  );
}

/** Ctrl+S, or ⌘S, saves wherever the focus is. */
function useSaveKey(work: TemplateWork): void {
  const latest = useRef(work);
  latest.current = work;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "s")
        return;
      event.preventDefault();
      latest.current.save();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, []);
}
