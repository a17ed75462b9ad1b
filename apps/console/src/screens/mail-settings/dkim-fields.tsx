import { useState } from "react";
import { Field } from "../../ui/field.tsx";
import { Check } from "./check.tsx";
import type { TransportFieldsProps } from "./transport-form.tsx";

/** Signing (RFC 6376): for which domain, under which name, with which key. */
export function DkimFields({ values, set, faultOf, keySet }: TransportFieldsProps & { keySet: boolean }) {
  const [fault, setFault] = useState("");
  const make = async () => {
    try {
      set("dkimKey")(await newKey());
      setFault("");
    } catch {
      // Browsers make keys only on pages that come by https or from this machine.
      setFault("This browser makes no key here. Make one with: openssl genrsa 2048");
    }
  };
  return (
    <>
      <Check label="Sign the mails (DKIM)" checked={values.signs} onCheck={set("signs")} />
      {values.signs ? (
        <fieldset className="dkim">
          <div className="form-row two">
            <Field
              label="Domain"
              required
              placeholder="example.com"
              value={values.dkimDomain}
              fault={faultOf("dkim/domain")}
              onText={set("dkimDomain")}
              hint="That of the sender's address."
            />
            <Field
              label="Selector"
              required
              value={values.dkimSelector}
              fault={faultOf("dkim/selector")}
              onText={set("dkimSelector")}
              hint="The name under which the key is published."
            />
          </div>
          <div className="field wide">
            <label htmlFor="dkim-key">Private key (PEM, RSA)</label>
            <textarea
              id="dkim-key"
              className="input mono"
              rows={4}
              required={!keySet}
              value={values.dkimKey}
              spellCheck={false}
              autoComplete="off"
              placeholder={keySet ? "One is kept, and never shown. Empty: it stays." : "-----BEGIN PRIVATE KEY-----"}
              onChange={(event) => set("dkimKey")(event.target.value)}
            />
            {fault || faultOf("dkim/privateKey") ? (
              <span className="fault" role="alert">
                {fault || faultOf("dkim/privateKey")}
              </span>
            ) : null}
          </div>
          <button type="button" className="btn small" onClick={() => void make()}>
            Make a new key
          </button>
          <p className="faint">Once it is saved, the record to publish is shown.</p>
        </fieldset>
      ) : null}
    </>
  );
}

/** A new RSA key of 2048 bits (RFC 8301, 3.2) as PEM, made in the browser. */
async function newKey(): Promise<string> {
  const pair = await crypto.subtle.generateKey(
    { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: "SHA-256" },
    true,
    ["sign", "verify"],
  );
  const bytes = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const text = btoa(String.fromCharCode(...bytes)).replace(/(.{64})(?!$)/g, "$1\n");
  return `-----BEGIN PRIVATE KEY-----\n${text}\n-----END PRIVATE KEY-----`;
}
