import type { TemplateToken } from "@daybook/contract";
import { useState } from "react";
import { Field } from "../../../ui/field.tsx";
import { isTokenName, sampleOf, sampleText } from "./token-values.ts";
import type { TemplateWork } from "./use-template-work.ts";

/** What the template may use; of one's own they are changed here. */
export function TokensPart({ work }: { work: TemplateWork }) {
  const { template, shared, may, setShared } = work;
  const { tokens } = shared;
  const changeable = may && !template.shipped;
  const put = (index: number, token: TemplateToken | undefined) =>
    setShared({ tokens: tokens.flatMap((each, at) => (at === index ? (token ?? []) : each)) });
  return (
    <section className="tokens-part" aria-label="Tokens">
      <p className="soft">
        What stands for what: <code>{"{{ user.name }}"}</code>. A message without a required one is refused. A secret
        one is a one-time link or code, masked in what is kept for reading.
        {template.shipped ? " Those of shipped templates stay as they are: whoever sends them knows them by name." : ""}
      </p>
      {tokens.length === 0 ? <p className="faint">It uses none.</p> : null}
      <ul className="token-list">
        {tokens.map((token, index) =>
          changeable ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: a name that is being typed is no key
            <TokenForm key={index} token={token} onChange={(next) => put(index, next)} />
          ) : (
            <TokenLine key={token.name} token={token} />
          ),
        )}
      </ul>
      {changeable ? (
        <button
          type="button"
          className="btn"
          onClick={() => setShared({ tokens: [...tokens, { name: "", required: false, secret: false }] })}
        >
          Add a token
        </button>
      ) : null}
    </section>
  );
}

function TokenLine({ token: { name, what, sample, required, secret } }: { token: TemplateToken }) {
  return (
    <li className="token-line">
      <span>
        <code>{name}</code> {required ? <span className="word-mark">required</span> : null}
        {secret ? <span className="word-mark changed">secret</span> : null}
        {what ? <span className="soft token-what">{what}</span> : null}
      </span>
      <span className="token-sample mono faint" title="Sample">
        {sampleText(sample)}
      </span>
    </li>
  );
}

interface TokenFormProps {
  token: TemplateToken;
  /** Undefined removes it. */
  onChange: (token: TemplateToken | undefined) => void;
}

function TokenForm({ token, onChange }: TokenFormProps) {
  const { name, what, required, secret } = token;
  // The field keeps what is typed: half of a JSON value is text, and would be shown as another text.
  const [sample, setSample] = useState(() => sampleText(token.sample));
  const called = name || "new token";
  const withSample = (text: string) => {
    setSample(text);
    const { sample: _, ...others } = token;
    const value = sampleOf(text);
    onChange({ ...others, ...(value !== undefined && { sample: value }) });
  };
  const withWhat = (text: string) => {
    const { what: _, ...others } = token;
    onChange({ ...others, ...(text !== "" && { what: text }) });
  };
  return (
    <li className="token-form" aria-label={called}>
      <Field
        label="Name"
        className="mono"
        required
        maxLength={100}
        value={name}
        placeholder="user.name"
        spellCheck={false}
        fault={name === "" || isTokenName(name) ? undefined : "Not a token such as user.name."}
        onText={(text) => onChange({ ...token, name: text.trim() })}
      />
      <Field label="What" maxLength={200} value={what ?? ""} onText={withWhat} />
      <Field label="Sample" className="mono" value={sample} spellCheck={false} onText={withSample} />
      <div className="token-flags">
        <label>
          <input
            type="checkbox"
            checked={required}
            onChange={({ target }) => onChange({ ...token, required: target.checked })}
          />
          Required
        </label>
        <label>
          <input
            type="checkbox"
            checked={secret}
            onChange={({ target }) => onChange({ ...token, secret: target.checked })}
          />
          Secret
        </label>
        <button
          type="button"
          className="btn small danger"
          aria-label={`Remove ${called}`}
          onClick={() => onChange(undefined)}
        >
          Remove
        </button>
      </div>
    </li>
  );
}
