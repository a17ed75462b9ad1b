import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { suppress } from "../../api/mail-suppressions.ts";
import { Field } from "../../ui/field.tsx";

/** Puts an address on the suppression list by hand. */
export function SuppressForm({ workspace, onDone }: { workspace: string; onDone: () => void }) {
  const client = useQueryClient();
  const [address, setAddress] = useState("");
  const [note, setNote] = useState("");
  const add = useMutation({
    mutationFn: () => suppress(workspace, address.trim(), { reason: "manual", note: note.trim() || undefined }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ["suppressions", workspace] });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="new-thing" onSubmit={submit}>
      <Field label="Address" type="email" required value={address} onText={setAddress} autoComplete="off" />
      <Field label="Why" value={note} onText={setNote} maxLength={500} hint="For whoever looks at it later." />
      {add.isError ? (
        <p className="fault" role="alert">
          {add.error.message}
        </p>
      ) : null}
      <div className="actions">
        <button type="submit" className="btn primary" disabled={add.isPending}>
          Send nothing to it
        </button>
        <button type="button" className="btn" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}
