import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { checkpointQuery, logKeysQuery } from "../../api/log.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { type Checkpoint, readCheckpoint, signerOf } from "../../lib/checkpoint.ts";
import { canHash, hexOf } from "../../lib/merkle.ts";
import { count } from "../../lib/numbers.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import "./integrity.css";

/** The state of the log as a signed checkpoint, and how anybody can check it. */
export function Integrity() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const note = useQuery(checkpointQuery(workspace));
  return (
    <PlainScreen name="Integrity">
      {note.isPending ? <Skeleton lines={8} label="Reading the checkpoint" /> : null}
      {note.isError ? <Failure error={note.error} retry={() => void note.refetch()} /> : null}
      {note.data ? <Log note={note.data} workspace={workspace} /> : null}
    </PlainScreen>
  );
}

/** Who has signed the checkpoint, checked here. */
function Signature({ checkpoint, workspace }: { checkpoint: Checkpoint; workspace: string }) {
  const keys = useQuery(logKeysQuery(workspace));
  const checked = useQuery({
    queryKey: ["signature", checkpoint.text, keys.data],
    enabled: keys.data !== undefined && canHash(),
    queryFn: () => signerOf(checkpoint, keys.data ?? []),
  });
  if (!canHash()) return <span className="soft">Not checked: over plain http the browser cannot. See below.</span>;
  if (checked.data === undefined) return <span className="soft">Checking…</span>;
  if (checked.data === null) return <b className="fault">Wrong: no key of this log has signed this checkpoint.</b>;
  if (checked.data === "unknown") return <span className="soft">Not checked: this browser knows no Ed25519.</span>;
  return (
    <>
      <span className="ok">Right, checked in this browser.</span> <code>{checked.data.verifierKey}</code>
    </>
  );
}

function Log({ note, workspace }: { note: string; workspace: string }) {
  const checkpoint = readCheckpoint(note);
  return (
    <>
      <section aria-labelledby="state">
        <h2 id="state">The log now</h2>
        <p>
          Every event is a leaf of a Merkle tree. Its root stands for the whole log: if one byte of one event changed,
          or an event went missing, the root would be another.
        </p>
        {checkpoint ? (
          <dl className="log-state">
            <dt>Events</dt>
            <dd>{count(checkpoint.size)}</dd>
            <dt>Root</dt>
            <dd className="mono">{hexOf(checkpoint.root)}</dd>
            <dt>Log</dt>
            <dd className="mono">{checkpoint.origin}</dd>
            <dt>Signature</dt>
            <dd>
              <Signature checkpoint={checkpoint} workspace={workspace} />
            </dd>
          </dl>
        ) : null}
      </section>
      <section aria-labelledby="note">
        <h2 id="note">Signed checkpoint</h2>
        <p>Keep a copy elsewhere, now and then. With it you can prove later that nothing before it was changed.</p>
        <CopyBlock label="Text of the signed note" text={note.trimEnd()} />
      </section>
      <section aria-labelledby="verify">
        <h2 id="verify">Verify it yourself</h2>
        <p>On the server: recomputes every leaf from the stored columns and names the first event that does not fit.</p>
        <CopyBlock label="Command that verifies the log" text={`npx daybook verify --workspace ${workspace}`} />
        <p className="gap">Elsewhere, without the database: from an export and a checkpoint.</p>
        <OfflineCommands workspace={workspace} />
      </section>
    </>
  );
}

/** An export, a checkpoint, and the key that the checkpoint has to be signed with. */
function OfflineCommands({ workspace }: { workspace: string }) {
  const keys = useQuery(logKeysQuery(workspace));
  const key = keys.data?.find((each) => each.current)?.verifierKey;
  const commands = [
    `npx daybook export "" --format ndjson --workspace ${workspace} --output log.ndjson`,
    `npx daybook checkpoint --workspace ${workspace} > checkpoint.txt`,
    `npx daybook verify --export log.ndjson --checkpoint checkpoint.txt${key ? ` --key ${key}` : ""}`,
  ];
  return <CopyBlock label="Commands that verify an export offline" text={commands.join("\n")} />;
}
