import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { resetTemplate } from "../../../api/mail-templates.ts";
import { Confirm } from "../../../ui/confirm.tsx";
import { Field } from "../../../ui/field.tsx";
import { localeName } from "../template-marks.tsx";
import { refreshTemplate, type TemplateWork } from "./use-template-work.ts";

/** What holds for all languages, and taking it back. */
export function SettingsPart({ work }: { work: TemplateWork }) {
  const { template, shared, setShared, may } = work;
  return (
    <section className="settings-part" aria-label="Settings">
      <p className="soft">They hold for all languages of this template, and are saved with the text.</p>
      <Field
        label="Title"
        required
        maxLength={100}
        disabled={!may}
        value={shared.title}
        onText={(title) => setShared({ title })}
      />
      <Field
        label="What it is for"
        maxLength={300}
        disabled={!may}
        value={shared.what}
        onText={(what) => setShared({ what })}
      />
      {template.kind === "partial" ? null : (
        <>
          <Switch
            label="In the shipped layout"
            hint="Logo, width, light and dark, footer. Off: the HTML is the whole mail."
            checked={shared.layout}
            disabled={!may}
            onChange={(layout) => setShared({ layout })}
          />
          <Switch
            label="May be unsubscribed from"
            hint="Its mails carry List-Unsubscribe. Not for what somebody must get, such as invoices."
            checked={shared.unsubscribe}
            disabled={!may}
            onChange={(unsubscribe) => setShared({ unsubscribe })}
          />
        </>
      )}
      {may ? <TakeBack work={work} /> : null}
    </section>
  );
}

interface SwitchProps {
  label: string;
  hint: string;
  checked: boolean;
  disabled: boolean;
  onChange: (checked: boolean) => void;
}

function Switch({ label, hint, checked, disabled, onChange }: SwitchProps) {
  return (
    <label className="switch-line">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ target }) => onChange(target.checked)}
      />
      <span>
        {label}
        <span className="hint">{hint}</span>
      </span>
    </label>
  );
}

/** A shipped one back to what is shipped, one's own away; in this language, or in all of them. */
function TakeBack({ work }: { work: TemplateWork }) {
  const { workspace, template, locale, isNew, undo } = work;
  const client = useQueryClient();
  const navigate = useNavigate();
  const reset = useMutation({
    mutationFn: (which: string | undefined) => resetTemplate(workspace, template.name, which),
    onSuccess: (_, which) => {
      undo();
      refreshTemplate(client, workspace, template.name);
      if (template.shipped && which !== undefined && template.default) return;
      if (template.shipped || which !== undefined)
        void navigate({
          to: "/w/$workspace/mail-templates/$name",
          params: { workspace, name: template.name },
          search: {},
        });
      else
        void navigate({ to: "/w/$workspace/mail-templates", params: { workspace }, search: {}, ignoreBlocker: true });
    },
  });
  const { shipped, changed } = template;
  const language = localeName(locale);
  if (isNew || (shipped && !changed)) return null;
  const several = template.locales.length > 1;
  return (
    <div className="take-back">
      <h3>{shipped ? "Back to what is shipped" : "Delete"}</h3>
      <div className="actions">
        {!shipped && several ? (
          <Confirm
            name={`Delete ${language}`}
            title={`Delete the ${language} text of ${template.title}?`}
            act={`Delete ${language}`}
            danger
            onAct={() => reset.mutate(locale)}
          >
            Who would get it gets another language. Its versions go with it.
          </Confirm>
        ) : null}
        {shipped ? (
          <Confirm
            name={`Reset ${language}`}
            title={`Reset the ${language} text of ${template.title}?`}
            act="Reset"
            danger
            onAct={() => reset.mutate(locale)}
          >
            The shipped text is sent from now on. What was written stays among the versions and can be restored.
          </Confirm>
        ) : null}
        <Confirm
          name={shipped ? "Reset all of it" : `Delete ${template.name}`}
          title={shipped ? `Reset ${template.title} in all languages?` : `Delete ${template.title}?`}
          act={shipped ? "Reset all of it" : "Delete the template"}
          danger
          onAct={() => reset.mutate(undefined)}
        >
          {shipped
            ? "Texts and settings are those that are shipped from now on. What was written stays among the versions."
            : "Calls that name it are refused from then on. Mails that were sent stay in the mail log."}
        </Confirm>
      </div>
      {reset.isError ? (
        <p className="fault" role="alert">
          {reset.error.message}
        </p>
      ) : null}
    </div>
  );
}
