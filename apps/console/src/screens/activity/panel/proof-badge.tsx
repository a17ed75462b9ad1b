import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { ProvenEvent } from "../../../api/events.ts";
import { logKeysQuery } from "../../../api/log.ts";
import { count } from "../../../lib/numbers.ts";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { useLogView } from "../view.ts";
import { type Verdict, verify } from "./verify.ts";

interface ProofBadgeProps {
  event: ProvenEvent;
  /** Whether the event has been read in full; before that there is no proof to check. */
  complete: boolean;
}

/** Where the event stands in the log, and whether its proof holds: checked here, not believed. */
export function ProofBadge({ event, complete }: ProofBadgeProps) {
  const { proof } = event;
  const verdict = useVerdict(event);
  const state = verdict?.state ?? (complete && !proof ? "waiting" : "checking");
  return (
    <section>
      <h3>Proof</h3>
      <div className="proof" data-state={state}>
        <Icon name={state === "verified" ? "check" : state === "wrong" ? "warning" : "lock"} size={15} />
        <div>
          <p>
            {state === "wrong" ? <b>Not proven. </b> : null}
            Event {count(event.seq)} of the log{proof ? `, in the checkpoint of ${count(proof.size)} events.` : "."}
          </p>
          <p className="soft" role="status">
            {explanation(state, verdict)}
          </p>
          {proof ? (
            <details>
              <summary>Hashes</summary>
              <dl className="mono">
                <dt>leaf</dt>
                <dd>{proof.leafHash}</dd>
                <dt>root</dt>
                <dd>{proof.root}</dd>
                <dt>path</dt>
                <dd>{proof.proof.length} hashes</dd>
              </dl>
              <CopyButton className="btn small" text={() => JSON.stringify(proof, null, 2)}>
                Copy the proof
              </CopyButton>
            </details>
          ) : null}
        </div>
      </div>
    </section>
  );
}

function useVerdict(event: ProvenEvent): Verdict | null {
  const { proof, proofFault } = event;
  const { workspace } = useLogView();
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const keys = useQuery({ ...logKeysQuery(workspace), enabled: proof !== undefined });
  const ready = keys.isSuccess || keys.isError;
  useEffect(() => {
    let stale = false;
    setVerdict(proofFault ? { state: "wrong", why: proofFault } : null);
    if (proof && !proofFault && ready) void verify(event, proof, keys.data).then((found) => stale || setVerdict(found));
    return () => {
      stale = true;
    };
  }, [event, proof, proofFault, ready, keys.data]);
  return verdict;
}

function explanation(state: Verdict["state"] | "checking" | "waiting", verdict: Verdict | null): string {
  if (verdict?.state === "verified") {
    const signed = verdict.signer ? `, which ${verdict.signer} has signed` : "";
    return `Verified in this browser: its hash leads to the root of the log${signed}.`;
  }
  if (verdict?.state === "wrong") return `${verdict.why} Run "daybook verify" on the server.`;
  if (state === "insecure")
    return 'Not checked here: over plain http the browser offers no hash functions. Open the console over https or on localhost, or run "daybook verify".';
  return state === "waiting" ? "The next checkpoint will cover it." : "Checking…";
}
