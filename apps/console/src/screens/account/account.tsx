import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery, signOut } from "../../api/access.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "./account.css";
import { PasswordForm } from "./password-form.tsx";
import { CodesShown, RecoveryCodes } from "./recovery-codes.tsx";
import { Sessions } from "./sessions.tsx";
import { TwoFactors } from "./two-factors.tsx";

/** One's own account: sessions, two factors, password, signing out. */
export function Account() {
  const me = useQuery(meQuery);
  const router = useRouter();
  const client = useQueryClient();
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: async () => {
      await router.navigate({ to: "/sign-in", replace: true });
      client.clear();
    },
  });
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const out = (
    <button type="button" className="btn" disabled={leave.isPending} onClick={() => leave.mutate()}>
      Sign out
    </button>
  );
  return (
    <PlainScreen name="Account" actions={out}>
      {me.isPending ? <Skeleton lines={8} label="Reading your account" /> : null}
      {me.isError ? <Failure error={me.error} retry={() => void me.refetch()} /> : null}
      {me.data ? (
        <>
          <section>
            <h2>{me.data.staff.name || me.data.staff.email}</h2>
            <p>
              {me.data.staff.email} · {me.data.workspaces.map((each) => `${each.role} of ${each.name}`).join(", ")}
            </p>
          </section>
          <Sessions />
          <TwoFactors enabled={me.data.staff.totpEnabled} onCodes={setCodes} />
          {codes ? <CodesShown codes={codes} onDone={() => setCodes(null)} /> : null}
          {me.data.staff.totpEnabled ? <RecoveryCodes onMade={setCodes} /> : null}
          <PasswordForm />
        </>
      ) : null}
    </PlainScreen>
  );
}
