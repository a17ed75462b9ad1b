import type { Template } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { saveTemplate, templateQuery } from "../../../api/mail-templates.ts";
import {
  type Draft,
  hasLocale,
  inputOf,
  isOvertaken,
  type LocaleText,
  type Shared,
  sharedOf,
  textOf,
  withoutText,
  withShared,
  withText,
} from "./draft.ts";
import type { DraftState } from "./use-draft.ts";

interface Saving {
  template: Template;
  locale: string;
  draft: Draft;
  note: string;
}

/** What the parts of the page work on: one locale of a template, saved and unsaved. */
export interface TemplateWork {
  workspace: string;
  template: Template;
  locale: string;
  /** The locale has no text of its own yet. */
  isNew: boolean;
  may: boolean;
  text: LocaleText;
  shared: Shared;
  draft: Draft;
  /** This locale, or what holds for all, is not saved. */
  unsaved: boolean;
  setText: (change: Partial<LocaleText>) => void;
  setShared: (change: Partial<Shared>) => void;
  /** Begins another locale with what this one says. */
  begin: (locale: string) => void;
  undo: () => void;
  note: string;
  setNote: (note: string) => void;
  save: () => void;
  saving: boolean;
  /** The version that was saved last, here and now. */
  savedVersion: number | undefined;
  problem: Error | undefined;
  /** Somebody else saved in between. */
  conflict: boolean;
  /** Takes the newest version as the one that is changed: the next save goes over it. */
  rebase: () => void;
}

export function useTemplateWork(
  workspace: string,
  template: Template,
  locale: string,
  may: boolean,
  state: DraftState,
): TemplateWork {
  const { draft, change, settle } = state;
  const [note, setNote] = useState("");
  const saving = useSaving(workspace, template.name, state, () => setNote(""));
  const isNew = !hasLocale(template, locale);
  const unsaved = draft.texts[locale] !== undefined || draft.shared !== undefined;
  const overtaken = isOvertaken(draft, template, locale);
  const touched = () => {
    if (saving.isSuccess || saving.isError) saving.reset();
  };
  return {
    workspace,
    template,
    locale,
    isNew,
    may,
    text: draft.texts[locale] ?? textOf(template),
    shared: draft.shared ?? sharedOf(template),
    draft,
    unsaved,
    setText: (next) => {
      touched();
      change((now) => withText(now, template, locale, next));
    },
    setShared: (next) => {
      touched();
      change((now) => withShared(now, template, next));
    },
    begin: (other) =>
      change((now) => ({
        ...now,
        texts: { ...now.texts, [other]: { ...(now.texts[locale] ?? textOf(template)), base: null } },
      })),
    undo: () => {
      saving.reset();
      settle();
      change((now) => {
        const { shared: _, ...others } = withoutText(now, locale);
        return others;
      });
    },
    note,
    setNote,
    save: () => {
      if (may && (unsaved || isNew) && !saving.isPending) saving.mutate({ template, locale, draft, note });
    },
    saving: saving.isPending,
    savedVersion: saving.isSuccess && !unsaved ? saving.data.version : undefined,
    problem: overtaken ? undefined : (saving.error ?? undefined),
    conflict: overtaken,
    rebase: () => {
      saving.reset();
      change((now) => {
        const text = now.texts[locale];
        return text ? { ...now, texts: { ...now.texts, [locale]: { ...text, base: template.version } } } : now;
      });
    },
  };
}

function useSaving(workspace: string, name: string, { change, settle }: DraftState, onSaved: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (sent: Saving) =>
      saveTemplate(workspace, name, sent.locale, inputOf(sent.template, sent.locale, sent.draft, sent.note)),
    onSuccess: (saved, sent) => {
      // The saved text before the draft goes: in between, the editor would show the text of before.
      client.setQueriesData<Template>({ queryKey: ["mail-template", workspace, name] }, (kept) =>
        kept?.locale === sent.locale ? saved : kept,
      );
      client.setQueryData(templateQuery(workspace, name, sent.locale).queryKey, saved);
      change((now) => withoutSaved(now, sent, saved.version));
      settle();
      onSaved();
      refreshTemplate(client, workspace, name);
    },
    onError: () => refreshTemplate(client, workspace, name),
  });
}

/** What was sent is saved; what was typed since goes on from the version that came of it. */
function withoutSaved(now: Draft, sent: Saving, version: number): Draft {
  const text = now.texts[sent.locale];
  const texts =
    text === sent.draft.texts[sent.locale]
      ? withoutText(now, sent.locale).texts
      : { ...now.texts, ...(text && { [sent.locale]: { ...text, base: version } }) };
  return now.shared && now.shared !== sent.draft.shared ? { texts, shared: now.shared } : { texts };
}

/** Asks anew for all that shows this template. */
export function refreshTemplate(client: ReturnType<typeof useQueryClient>, workspace: string, name: string): void {
  void client.invalidateQueries({ queryKey: ["mail-templates", workspace] });
  for (const key of ["mail-template", "mail-template-versions"])
    void client.invalidateQueries({ queryKey: [key, workspace, name] });
}
