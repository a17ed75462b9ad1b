import type { ApiKey, MintedKey } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { keysQuery, revokeKey, rotateKey } from "../../api/access.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Empty, Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { firstCurl } from "../activity/no-rows.tsx";
import "./api-keys.css";
import { KeyLine } from "./key-line.tsx";
import { NewKeyForm } from "./new-key-form.tsx";

/** A rotated key goes on working for a day, so that whoever uses it can change over. */
const GRACE_SECONDS = 24 * 3600;

/** The keys of a workspace: made, shown once, rotated, revoked. */
export function ApiKeys() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const may = useMay("keys.manage");
  const keys = useQuery(keysQuery(workspace));
  const client = useQueryClient();
  const [making, setMaking] = useState(false);
  const [minted, setMinted] = useState<MintedKey | null>(null);
  const changed = () => client.invalidateQueries({ queryKey: keysQuery(workspace).queryKey });
  const show = (key: MintedKey) => {
    setMinted(key);
    setMaking(false);
    void changed();
  };
  const rotate = useMutation({
    mutationFn: (key: ApiKey) => rotateKey(workspace, key.id, GRACE_SECONDS),
    onSuccess: show,
  });
  const revoke = useMutation({ mutationFn: (key: ApiKey) => revokeKey(workspace, key.id), onSettled: changed });
  const failed = rotate.error ?? revoke.error;
  const make = (
    <button type="button" className="btn primary" onClick={() => setMaking(true)}>
      New key
    </button>
  );
  return (
    <PlainScreen name="API keys" actions={may && keys.isSuccess ? make : null}>
      {making ? <NewKeyForm workspace={workspace} onMade={show} onCancel={() => setMaking(false)} /> : null}
      {minted ? <Minted minted={minted} onDone={() => setMinted(null)} /> : null}
      {failed ? (
        <p className="notice bad" role="alert">
          {failed.message}
        </p>
      ) : null}
      {keys.data && !may ? <ReadOnly what="the keys" /> : null}
      {keys.isPending ? <Skeleton lines={4} label="Reading the keys" /> : null}
      {keys.isError ? <Failure error={keys.error} retry={() => void keys.refetch()} /> : null}
      {keys.data && keys.data.items.length === 0 && !making ? (
        <Empty title="No API keys yet">
          <p>A key lets a panel, a node or a script send events to this workspace, or read them.</p>
        </Empty>
      ) : null}
      {keys.data && keys.data.items.length > 0 ? (
        <ul className="list keys" aria-label="API keys">
          {keys.data.items.map((key) => (
            <KeyLine
              key={key.id}
              apiKey={key}
              may={may}
              onRotate={() => rotate.mutate(key)}
              onRevoke={() => revoke.mutate(key)}
            />
          ))}
        </ul>
      ) : null}
    </PlainScreen>
  );
}

/** The key itself: the one time that it can be seen. */
function Minted({ minted, onDone }: { minted: MintedKey; onDone: () => void }) {
  const writes = minted.scopes.includes("events:write");
  const command = writes
    ? firstCurl(minted.key)
    : `curl "${location.origin}/api/v1/events?limit=10" \\\n  -H "Authorization: Bearer ${minted.key}"`;
  return (
    <section className="minted" aria-labelledby="minted">
      <h2 id="minted">{minted.name}</h2>
      <p role="status">Copy the key now: it is stored only as a hash and cannot be shown again.</p>
      <CopyBlock label="API key" text={minted.key} />
      <p>{writes ? "Send a first event with it:" : "Read the newest events with it:"}</p>
      <CopyBlock label="Command that uses the key" text={command} />
      <button type="button" className="btn" onClick={onDone}>
        I have copied it
      </button>
    </section>
  );
}
