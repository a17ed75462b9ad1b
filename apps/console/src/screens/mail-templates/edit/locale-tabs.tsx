import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { closePopup, Popup } from "../../../ui/popup.tsx";
import { localeName } from "../template-marks.tsx";
import type { TemplateWork } from "./use-template-work.ts";

/** Languages that are asked for most; any other can be typed. */
const common = ["en", "de", "fr", "es", "it", "nl", "pt-BR", "pl", "tr", "ru", "zh-CN", "ja"];

/** The languages that it has a text in; those with unsaved changes have a dot. */
export function LocaleTabs({ work }: { work: TemplateWork }) {
  const { template, locale, draft, may } = work;
  const open = useOpenLocale();
  const locales = [...new Set([...template.locales, ...Object.keys(draft.texts), locale])];
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="status-tabs locale-tabs" role="group" aria-label="Language">
      {locales.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === locale}
          title={localeName(each)}
          onClick={() => open(each)}
        >
          {each}
          {draft.texts[each] ? (
            <>
              <span className="unsaved-dot" aria-hidden="true" />
              <span className="only-read">, not saved</span>
            </>
          ) : null}
        </button>
      ))}
      {may ? (
        <>
          <button type="button" popoverTarget="add-locale" aria-label="Add a language">
            +
          </button>
          <Popup id="add-locale" label="Add a language" role="dialog" className="add-locale">
            <AddLocale work={work} locales={locales} />
          </Popup>
        </>
      ) : null}
    </div>
  );
}

function AddLocale({ work, locales }: { work: TemplateWork; locales: readonly string[] }) {
  const [typed, setTyped] = useState("");
  const open = useOpenLocale();
  const known = canonical(typed);
  const there = known !== undefined && locales.includes(known);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (known === undefined || there) return;
    work.begin(known);
    closePopup("add-locale");
    open(known);
  };
  return (
    <form onSubmit={submit}>
      <label className="field">
        <span>Language</span>
        <input
          className="input mono"
          list="common-locales"
          placeholder="de, pt-BR"
          maxLength={20}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
      </label>
      <datalist id="common-locales">
        {common
          .filter((each) => !locales.includes(each))
          .map((each) => (
            <option key={each} value={each}>
              {localeName(each)}
            </option>
          ))}
      </datalist>
      <p className="soft" role="status">
        {typed === ""
          ? `Begins as a copy of ${work.locale}.`
          : known === undefined
            ? "Not the name of a language, such as de."
            : there
              ? "It is there."
              : `${localeName(known)}, begun as a copy of ${work.locale}.`}
      </p>
      <button type="submit" className="btn primary" disabled={known === undefined || there}>
        Add
      </button>
    </form>
  );
}

function useOpenLocale(): (locale: string) => void {
  const navigate = useNavigate({ from: "/w/$workspace/mail-templates/$name" });
  return (locale) => void navigate({ search: (before) => ({ ...before, locale }) });
}

/** As it is written properly: pt-br becomes pt-BR. */
function canonical(typed: string): string | undefined {
  const word = typed.trim().replace("_", "-");
  if (!/^[a-z]{2,3}(-[a-z]{2}|-[a-z]{4})?$/i.test(word)) return undefined;
  return Intl.getCanonicalLocales(word)[0];
}
