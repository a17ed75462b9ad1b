import type { TemplateInput, TemplateSummary } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { saveTemplate } from "../../api/mail-templates.ts";
import { Field } from "../../ui/field.tsx";

/** What others fall back to when there is no text in the recipient's language. */
const FIRST_LOCALE = "en";

interface NewTemplateFormProps {
  workspace: string;
  templates: readonly TemplateSummary[];
  onDone: () => void;
}

/** Makes a template or a partial with hardly anything in it, and opens it. */
export function NewTemplateForm({ workspace, templates, onDone }: NewTemplateFormProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [kind, setKind] = useState<"template" | "partial">("template");
  const [title, setTitle] = useState("");
  const [typedName, setName] = useState<string>();
  const name = typedName ?? nameOf(title);
  const taken = templates.some((each) => each.name === name);
  const make = useMutation({
    mutationFn: () => saveTemplate(workspace, name, FIRST_LOCALE, firstText(kind, title.trim())),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["mail-templates", workspace] });
      void navigate({ to: "/w/$workspace/mail-templates/$name", params: { workspace, name }, search: {} });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!taken) make.mutate();
  };
  return (
    <form className="new-thing" onSubmit={submit}>
      <fieldset>
        <legend>What</legend>
        <Choice value="template" kind={kind} onChoose={setKind}>
          A template: mails are made from it
        </Choice>
        <Choice value="partial" kind={kind} onChoose={setKind}>
          A partial: a piece that templates share, such as a footer
        </Choice>
      </fieldset>
      <Field
        label="Title"
        required
        maxLength={100}
        value={title}
        onText={setTitle}
        placeholder={kind === "partial" ? "Footer of invoices" : "Traffic limit reached"}
      />
      <Field
        label="Name"
        required
        className="mono"
        value={name}
        onText={setName}
        spellCheck={false}
        placeholder={kind === "partial" ? "invoice-footer" : "traffic-limit-reached"}
        hint={`As it is called in the API${kind === "partial" ? ` and by {% render '${name || "…"}' %}` : ""}. It stays.`}
        fault={taken ? "There is one of this name." : undefined}
      />
      {make.isError ? (
        <p className="fault" role="alert">
          {make.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={make.isPending || taken}>
          Make it
        </button>
        <button type="button" className="btn" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}

interface ChoiceProps {
  value: "template" | "partial";
  kind: string;
  onChoose: (kind: "template" | "partial") => void;
  children: string;
}

function Choice({ value, kind, onChoose, children }: ChoiceProps) {
  return (
    <label>
      <input type="radio" name="kind" checked={kind === value} onChange={() => onChoose(value)} />
      {children}
    </label>
  );
}

/** "Traffic limit reached!" becomes traffic-limit-reached. */
function nameOf(title: string): string {
  return title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
}

function firstText(kind: "template" | "partial", title: string): TemplateInput {
  // A partial has no subject of its own; the API wants one of every text.
  const both = { title, kind, subject: title };
  if (kind === "partial") return { ...both, html: "<p>…</p>\n" };
  return {
    ...both,
    html: "<h1>{{ title }}</h1>\n<p>Hello {{ user.name }},</p>\n<p>…</p>\n",
    layout: true,
    tokens: [
      { name: "title", what: "Heading", sample: title, required: false, secret: false },
      { name: "user.name", what: "Whom it is for", sample: "Dana Whitfield", required: true, secret: false },
    ],
  };
}
