import type { Setting, SettingsChange, WorkspaceSettingName } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useId, useState } from "react";
import { Problem } from "../../api/request.ts";
import { brandingQuery, changeSettings, settingsQuery } from "../../api/settings.ts";
import { useMay } from "../../lib/may.ts";
import { type Control, controls } from "./controls.tsx";

interface SettingsFormProps {
  title: string;
  all: readonly Setting[];
  names: readonly WorkspaceSettingName[];
  children?: ReactNode;
}

type Draft = Partial<Record<WorkspaceSettingName, Setting["value"]>>;

/** Some settings that are saved together. */
export function SettingsForm({ title, all, names, children }: SettingsFormProps) {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const id = useId();
  const client = useQueryClient();
  const may = useMay("settings.write");
  const [draft, setDraft] = useState<Draft>({});
  const save = useMutation({
    mutationFn: () => changeSettings(workspace, changeOf(draft)),
    onSuccess: (settings) => {
      client.setQueryData(settingsQuery(workspace).queryKey, settings);
      void client.invalidateQueries({ queryKey: brandingQuery(workspace).queryKey });
      setDraft({});
    },
  });
  const items = names.flatMap((name) => all.find((setting) => setting.name === name) ?? []);
  const dirty = Object.keys(draft).length > 0;
  const faults = save.error instanceof Problem ? save.error.faults : [];
  const faultOf = (name: string) => faults.find((fault) => fault.pointer.split("/")[1] === name)?.message;
  const elsewhere = save.error && !names.some((name) => faultOf(name)) ? save.error.message : undefined;
  const change = (setting: Setting, value: Setting["value"]) => {
    const { [setting.name as WorkspaceSettingName]: _, ...others } = draft;
    const same = JSON.stringify(value === "" ? null : value) === JSON.stringify(setting.value);
    setDraft(same ? others : { ...others, [setting.name]: value });
    if (save.isSuccess || save.isError) save.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (dirty) save.mutate();
  };
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children ? <p>{children}</p> : null}
      <form className="settings" onSubmit={submit}>
        {items.map((setting) => (
          <SettingRow
            key={setting.name}
            setting={setting}
            value={draft[setting.name as WorkspaceSettingName] ?? (setting.name in draft ? null : setting.value)}
            disabled={!may || !setting.changeable}
            fault={faultOf(setting.name)}
            onChange={(value) => change(setting, value)}
          />
        ))}
        {elsewhere ? (
          <p className="notice bad" role="alert">
            {elsewhere}
          </p>
        ) : null}
        {may ? (
          <div className="actions save" data-open={dirty || save.isSuccess}>
            <button type="submit" className="btn primary" disabled={!dirty || save.isPending}>
              Save
            </button>
            {dirty ? (
              <button type="button" className="btn" onClick={() => setDraft({})}>
                Undo
              </button>
            ) : null}
            <span role="status" className="soft">
              {save.isSuccess ? "Saved. It holds from now on." : ""}
            </span>
          </div>
        ) : null}
      </form>
    </section>
  );
}

/** An empty field is a setting that is not set. */
function changeOf(draft: Draft): SettingsChange {
  return Object.fromEntries(
    Object.entries(draft).map(([name, value]) => [name, value === "" ? null : value]),
  ) as SettingsChange;
}

interface SettingRowProps {
  setting: Setting;
  value: Setting["value"];
  disabled: boolean;
  fault: string | undefined;
  onChange: (value: Setting["value"]) => void;
}

function SettingRow({ setting, value, disabled, fault, onChange }: SettingRowProps) {
  const id = useId();
  const control = controls[setting.name as WorkspaceSettingName] as Control;
  const resets = !disabled && setting.source === "workspace" && value !== null;
  return (
    <div className="setting">
      <div>
        <label htmlFor={id}>{control.title}</label>
        <span className="hint" id={`${id}-what`}>
          {setting.what}
        </span>
      </div>
      <div>
        <control.Input
          id={id}
          value={value ?? (setting.default as Setting["value"])}
          disabled={disabled}
          invalid={fault !== undefined}
          describedBy={`${id}-what ${id}-note`}
          onChange={onChange}
        />
        <span className="hint" id={`${id}-note`}>
          {fault ? (
            <span className="fault" role="alert">
              {control.title} {fault}.
            </span>
          ) : setting.changeable ? null : (
            <>
              Fixed by <code>{fixedBy(setting)}</code>
            </>
          )}
        </span>
        {resets ? (
          <button type="button" className="linklike" onClick={() => onChange(null)}>
            Back to the default<span className="only-read"> of {control.title}</span>
          </button>
        ) : null}
      </div>
    </div>
  );
}

function fixedBy({ source, name, environment }: Setting): string {
  if (source === "file") return `${name} in daybook.config.json`;
  return source === "flag" ? "a flag of the command" : (environment ?? source);
}
