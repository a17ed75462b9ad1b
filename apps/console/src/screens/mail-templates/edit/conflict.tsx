import { useNavigate } from "@tanstack/react-router";
import { Ago } from "../../../ui/time.tsx";
import type { TemplateWork } from "./use-template-work.ts";

/** Somebody saved this language in between: who, and what to do. Nothing is lost either way, for every version is kept. */
export function Conflict({ work }: { work: TemplateWork }) {
  const { template, rebase, undo } = work;
  const navigate = useNavigate({ from: "/w/$workspace/mail-templates/$name" });
  const compare = () => void navigate({ search: (before) => ({ ...before, part: "versions" as const }) });
  return (
    <div className="notice warn conflict" role="alert">
      <p>
        <b>It was changed while you were writing.</b>{" "}
        {template.version === 0
          ? "It was taken back to what is shipped"
          : `Version ${template.version} came in between`}
        {template.updatedBy ? `, by ${template.updatedBy}` : ""}
        {template.updatedAt ? (
          <>
            , <Ago at={template.updatedAt} />
          </>
        ) : null}
        . Yours is not saved.
      </p>
      <div className="actions">
        <button type="button" className="btn small" onClick={compare}>
          Compare them
        </button>
        <button type="button" className="btn small" onClick={rebase}>
          Go on with mine
        </button>
        <button type="button" className="btn small" onClick={undo}>
          Take theirs
        </button>
      </div>
    </div>
  );
}
