import type { Transport, TransportSettings } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { saveTransport, transportsQuery } from "../../api/mail-settings.ts";
import { Problem } from "../../api/request.ts";
import { Field } from "../../ui/field.tsx";
import { Check } from "./check.tsx";
import { DkimFields } from "./dkim-fields.tsx";
import { newTransport, settingsOf, type TransportValues, usualPorts, valuesOf } from "./transport-values.ts";

interface TransportFormProps {
  workspace: string;
  /** The one that is changed; left out, a new one. */
  transport?: Transport;
  /** Of a new one: after those that are there. */
  position?: number;
  onDone: () => void;
}

export type SetValue = <K extends keyof TransportValues>(name: K) => (value: TransportValues[K]) => void;

export interface TransportFieldsProps {
  values: TransportValues;
  set: SetValue;
  faultOf: (pointer: string) => string | undefined;
}

/** Makes or changes a transport. What is secret is only written, never shown. */
export function TransportForm({ workspace, transport, position = 1, onDone }: TransportFormProps) {
  const client = useQueryClient();
  const [values, setValues] = useState(() => (transport ? valuesOf(transport) : newTransport(position)));
  const set: SetValue = (name) => (value) => setValues((before) => ({ ...before, [name]: value }));
  const save = useMutation({
    mutationFn: () => saveTransport(workspace, values.name.trim(), settingsOf(values)),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: transportsQuery(workspace).queryKey });
      onDone();
    },
  });
  const faults = save.error instanceof Problem ? save.error.faults : [];
  const faultOf = (pointer: string) => faults.find((fault) => fault.pointer.startsWith(`/${pointer}`))?.message;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form
      className="new-thing transport-form"
      onSubmit={submit}
      aria-label={transport ? transport.name : "New mail server"}
    >
      {transport ? null : (
        <Field
          label="Name"
          required
          pattern="[a-z0-9]+([_\-][a-z0-9]+)*"
          placeholder="main"
          value={values.name}
          onText={set("name")}
          hint="Lower case: it stands beside each mail in the log."
        />
      )}
      <Server values={values} set={set} faultOf={faultOf} />
      <Login values={values} set={set} faultOf={faultOf} passwordSet={transport?.passwordSet ?? false} />
      <DkimFields values={values} set={set} faultOf={faultOf} keySet={transport?.dkim !== undefined} />
      <Pace values={values} set={set} faultOf={faultOf} />
      {save.isError ? (
        <p className="fault" role="alert">
          {save.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={save.isPending}>
          Save
        </button>
        <button type="button" className="btn" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}

function Server({ values, set, faultOf }: TransportFieldsProps) {
  const secure = (security: TransportSettings["security"]) => {
    // The port goes along, unless somebody chose one.
    if (values.port === usualPorts[values.security]) set("port")(usualPorts[security]);
    set("security")(security);
  };
  return (
    <div className="form-row">
      <Field
        label="Mail server"
        required
        placeholder="smtp.example.com"
        value={values.host}
        fault={faultOf("host")}
        onText={set("host")}
        spellCheck={false}
      />
      <label className="field">
        <span>Encryption</span>
        <select
          className="input"
          value={values.security}
          onChange={(event) => secure(event.target.value as TransportSettings["security"])}
        >
          <option value="starttls">STARTTLS</option>
          <option value="tls">TLS from the first byte</option>
          <option value="none">None</option>
        </select>
      </label>
      <Field
        label="Port"
        type="number"
        required
        min={1}
        max={65535}
        value={values.port}
        fault={faultOf("port")}
        onText={set("port")}
      />
    </div>
  );
}

function Login({ values, set, faultOf, passwordSet }: TransportFieldsProps & { passwordSet: boolean }) {
  return (
    <>
      <div className="form-row two">
        <Field label="User name" value={values.user} fault={faultOf("user")} onText={set("user")} autoComplete="off" />
        <Field
          label="Password"
          type="password"
          value={values.password}
          fault={faultOf("password")}
          onText={set("password")}
          autoComplete="new-password"
          hint={
            passwordSet
              ? "One is kept, and never shown. Empty: it stays, unless the mail server is another."
              : "Kept encrypted, and never shown again."
          }
        />
      </div>
      {values.security === "none" ? (
        <p className="notice warn">
          Without encryption, mails and the password go over the network in the clear: only on a network of your own.
        </p>
      ) : (
        <Check
          label="Accept a certificate that nobody vouches for"
          checked={values.allowSelfSigned}
          onCheck={set("allowSelfSigned")}
        />
      )}
    </>
  );
}

/** How fast, in what turn, and whether at all: what most leave as it is. */
function Pace({ values, set, faultOf }: TransportFieldsProps) {
  return (
    <details className="record">
      <summary>Order, pace and name</summary>
      <div className="form-row">
        <Field
          label="Turn"
          type="number"
          min={1}
          max={100}
          required
          value={values.position}
          onText={set("position")}
          hint="The lowest is tried first."
        />
        <Field
          label="Connections"
          type="number"
          min={1}
          max={50}
          required
          value={values.connections}
          onText={set("connections")}
          hint="At the same time."
        />
        <Field
          label="Mails a second"
          type="number"
          min={0.01}
          step="any"
          value={values.perSecond}
          fault={faultOf("perSecond")}
          onText={set("perSecond")}
          hint="Empty: no limit."
        />
        <Field
          label="A minute, a domain"
          type="number"
          min={1}
          value={values.perDomainPerMinute}
          fault={faultOf("perDomainPerMinute")}
          onText={set("perDomainPerMinute")}
          hint="Empty: no limit."
        />
        <Field
          label="Name said in EHLO"
          value={values.clientName}
          fault={faultOf("clientName")}
          onText={set("clientName")}
          hint="Empty: this machine's."
        />
      </div>
      <Check label="Mails may leave by it" checked={values.enabled} onCheck={set("enabled")} />
    </details>
  );
}
