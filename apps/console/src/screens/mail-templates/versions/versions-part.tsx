import type { TemplateVersion } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useId, useState } from "react";
import { restoreTemplate, templateVersionsQuery } from "../../../api/mail-templates.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import { Ago } from "../../../ui/time.tsx";
import { refreshTemplate, type TemplateWork } from "../edit/use-template-work.ts";
import { localeName } from "../template-marks.tsx";
import { type Comparable, comparables, firstPair, versionName } from "./version-choices.ts";

const Comparison = lazy(() => import("../code/comparison.tsx"));

/** What it said before in this language, what differs, and taking it back. */
export function VersionsPart({ work, narrow }: { work: TemplateWork; narrow: boolean }) {
  const { workspace, template, locale, isNew, draft } = work;
  const read = useQuery({ ...templateVersionsQuery(workspace, template.name, locale), enabled: !isNew });
  const [pair, setPair] = useState<[before: string, after: string]>();
  if (isNew) return <p className="versions-part soft">{localeName(locale)} is not saved yet: it has no versions.</p>;
  if (read.isError) return <Failure error={read.error} retry={() => void read.refetch()} />;
  if (!read.data) return <Skeleton lines={8} label="Reading the versions" />;
  const all = comparables(template, read.data, draft.texts[locale]);
  if (all.length < 2)
    return <p className="versions-part soft">It is as shipped. What is changed stands here from then on.</p>;
  const [before, after] = pair ?? firstPair(all, String(template.version));
  return (
    <section className="versions-part" aria-label="Versions">
      <VersionList work={work} versions={read.data} onCompare={(key) => setPair([key, String(template.version)])} />
      <Comparing all={all} before={before} after={after} onChoose={(...next) => setPair(next)} narrow={narrow} />
    </section>
  );
}

interface VersionListProps {
  work: TemplateWork;
  versions: readonly TemplateVersion[];
  onCompare: (key: string) => void;
}

function VersionList({ work, versions, onCompare }: VersionListProps) {
  const { workspace, template, locale, may } = work;
  const client = useQueryClient();
  const restore = useMutation({
    mutationFn: (version: number) => restoreTemplate(workspace, template.name, locale, version),
    onSuccess: () => {
      work.undo();
      refreshTemplate(client, workspace, template.name);
    },
  });
  return (
    <div>
      {restore.isError ? (
        <p className="notice bad" role="alert">
          {restore.error.message}
        </p>
      ) : null}
      <ol className="version-list">
        {versions.map(({ version, at, by, note, current }) => (
          <li key={version} data-version={version}>
            <span>
              <b>{versionName(version)}</b> {current ? <span className="pill current">current</span> : null}
              <span className="soft">
                {by ? ` ${by}` : ""}
                {at ? (
                  <>
                    {" "}
                    <Ago at={at} />
                  </>
                ) : null}
              </span>
              {note ? <span className="version-note">{note}</span> : null}
            </span>
            <span className="actions">
              {current ? null : (
                <>
                  <button
                    type="button"
                    className="btn small"
                    aria-label={`Compare ${versionName(version)}`}
                    onClick={() => onCompare(String(version))}
                  >
                    Compare
                  </button>
                  {may ? (
                    <Confirm
                      name="Restore"
                      label={`Restore ${versionName(version)}`}
                      title={`Restore ${versionName(version)}?`}
                      act="Restore it"
                      onAct={() => restore.mutate(version)}
                    >
                      It is sent from now on, in {localeName(locale)}. What is current now stays among the versions.
                    </Confirm>
                  ) : null}
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

interface ComparingProps {
  all: readonly Comparable[];
  before: string;
  after: string;
  onChoose: (before: string, after: string) => void;
  narrow: boolean;
}

function Comparing({ all, before, after, onChoose, narrow }: ComparingProps) {
  const [part, setPart] = useState<"html" | "text">("html");
  const a = all.find(({ key }) => key === before) ?? all[0];
  const b = all.find(({ key }) => key === after) ?? all[0];
  if (!a || !b) return null;
  const said = { a: part === "html" ? a.html : (a.text ?? ""), b: part === "html" ? b.html : (b.text ?? "") };
  const written = a.text !== null || b.text !== null;
  return (
    <div className="comparing">
      <div className="compare-bar">
        <VersionChoice label="Compare" all={all} value={a.key} onChoose={(key) => onChoose(key, b.key)} />
        <VersionChoice label="with" all={all} value={b.key} onChoose={(key) => onChoose(a.key, key)} />
        {written ? (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
          <div className="seg" role="group" aria-label="Part">
            <button type="button" aria-pressed={part === "html"} onClick={() => setPart("html")}>
              HTML
            </button>
            <button type="button" aria-pressed={part === "text"} onClick={() => setPart("text")}>
              Text
            </button>
          </div>
        ) : null}
      </div>
      {a.subject === b.subject ? null : (
        <p className="subject-change">
          <span className="faint">Subject</span> <del>{a.subject}</del> <span aria-hidden="true">→</span>{" "}
          <ins>{b.subject}</ins>
        </p>
      )}
      {said.a === said.b ? (
        <p className="soft same-text">
          {a.key === b.key ? "One and the same." : part === "html" ? "The HTML is the same." : "The text is the same."}
        </p>
      ) : (
        <Suspense fallback={<Skeleton lines={8} label="Comparing" />}>
          <Comparison before={{ name: a.name, text: said.a }} after={{ name: b.name, text: said.b }} narrow={narrow} />
        </Suspense>
      )}
    </div>
  );
}

interface VersionChoiceProps {
  label: string;
  all: readonly Comparable[];
  value: string;
  onChoose: (key: string) => void;
}

function VersionChoice({ label, all, value, onChoose }: VersionChoiceProps) {
  const id = useId();
  return (
    <>
      <label htmlFor={id} className="faint">
        {label}
      </label>
      <select id={id} className="input" value={value} onChange={({ target }) => onChoose(target.value)}>
        {all.map(({ key, name }) => (
          <option key={key} value={key}>
            {name}
          </option>
        ))}
      </select>
    </>
  );
}
