import type { TemplateFault } from "@daybook/contract";
import { Problem } from "../../../api/request.ts";
import { plural } from "../../../lib/numbers.ts";
import { Ago } from "../../../ui/time.tsx";
import type { TemplateWork } from "./use-template-work.ts";

/** Saves one language, with a word on why. */
export function SaveBar({ work, faults }: { work: TemplateWork; faults: readonly TemplateFault[] }) {
  const { unsaved, isNew, saving, problem, note, setNote, save, undo } = work;
  const open = unsaved || isNew;
  return (
    <form
      className="save-bar"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      {problem ? <Refusal problem={problem} /> : null}
      <span className="save-state soft" role="status">
        <SaveState work={work} faults={faults} />
      </span>
      <input
        className="input"
        aria-label="Note for the list of versions"
        placeholder="Note: what and why"
        maxLength={200}
        value={note}
        disabled={!open}
        onChange={(event) => setNote(event.target.value)}
      />
      <button type="button" className="btn" disabled={!unsaved || saving} onClick={undo}>
        Undo<span className="only-read"> all changes that are not saved</span>
      </button>
      <button type="submit" className="btn primary" disabled={!open || saving} title="Ctrl S">
        Save
      </button>
    </form>
  );
}

function SaveState({ work, faults }: { work: TemplateWork; faults: readonly TemplateFault[] }) {
  const { template, unsaved, isNew, saving, savedVersion, locale } = work;
  if (saving) return "Saving…";
  if (savedVersion !== undefined)
    return `Saved as version ${savedVersion}${faults.length > 0 ? `, with ${plural(faults.length, "warning")}` : ""}.`;
  if (isNew) return `${locale} is not saved yet`;
  if (unsaved) return "Unsaved changes";
  if (template.version === 0 || !template.updatedAt) return "As shipped";
  return (
    <>
      Version {template.version}, <Ago at={template.updatedAt} />
      {template.updatedBy ? ` by ${template.updatedBy}` : ""}
    </>
  );
}

/** Why it was not saved, each fault with its place. */
function Refusal({ problem }: { problem: Error }) {
  const faults = problem instanceof Problem ? problem.faults : [];
  return (
    <div className="notice bad save-refusal" role="alert">
      <p>{problem.message}</p>
      {faults.length > 0 ? (
        <ul>
          {faults.map(({ pointer, message }) => (
            <li key={`${pointer} ${message}`}>
              <code>{pointer.replace(/^\//, "")}</code> {message}
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
