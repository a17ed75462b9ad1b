import { mailClassTexts, type Transport } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteTransport, transportsQuery } from "../../api/mail-settings.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Failure, Skeleton } from "../../ui/states.tsx";
import { Ago } from "../../ui/time.tsx";
import { TransportForm } from "./transport-form.tsx";
import { TransportTest } from "./transport-test.tsx";

interface TransportSectionProps {
  workspace: string;
  may: boolean;
}

/** The mail servers by which mails leave, in the order in which they are tried. */
export function TransportSection({ workspace, may }: TransportSectionProps) {
  const read = useQuery(transportsQuery(workspace));
  const [edited, setEdited] = useState<string | null>(null);
  const transports = read.data ?? [];
  const done = () => setEdited(null);
  return (
    <section aria-labelledby="transports">
      <h2 id="transports">How mails leave</h2>
      <p>
        Each is tried in its turn: the next one when a mail server cannot be reached. What a mail server refuses is not
        sent by another.
      </p>
      {read.isPending ? <Skeleton lines={3} label="Reading the transports" /> : null}
      {read.isError ? <Failure error={read.error} retry={() => void read.refetch()} /> : null}
      {read.data && transports.length === 0 && edited === null ? (
        <Empty title="No mail server is set up">
          <p>
            Mails wait until there is one. You need the name of a mail server, its port, and mostly a user name and a
            password.
          </p>
        </Empty>
      ) : null}
      {transports.length > 0 ? (
        <ol className="list transports" aria-label="Transports">
          {transports.map((transport, index) =>
            edited === transport.name ? (
              <li key={transport.name}>
                <TransportForm workspace={workspace} transport={transport} onDone={done} />
              </li>
            ) : (
              <TransportLine
                key={transport.name}
                workspace={workspace}
                transport={transport}
                place={index + 1}
                may={may}
                onEdit={() => setEdited(transport.name)}
              />
            ),
          )}
        </ol>
      ) : null}
      {edited === "" ? (
        <TransportForm
          workspace={workspace}
          position={transports.filter(({ source }) => source === "api").length + 1}
          onDone={done}
        />
      ) : may && read.data ? (
        <button type="button" className="btn gap" onClick={() => setEdited("")}>
          Add a mail server
        </button>
      ) : null}
    </section>
  );
}

interface TransportLineProps {
  workspace: string;
  transport: Transport;
  place: number;
  may: boolean;
  onEdit: () => void;
}

function TransportLine({ workspace, transport, place, may, onEdit }: TransportLineProps) {
  const client = useQueryClient();
  const [tests, setTests] = useState(false);
  const remove = useMutation({
    mutationFn: () => deleteTransport(workspace, transport.name),
    onSettled: () => client.invalidateQueries({ queryKey: transportsQuery(workspace).queryKey }),
  });
  const { name, host, port, security, user, enabled, source, dkim } = transport;
  return (
    <li data-transport={name}>
      <div className="transport">
        <p className="transport-name">
          <span className="transport-place">{place}.</span>
          <b>{name}</b>
          <State transport={transport} />
          {enabled ? null : <span className="pill denied">off</span>}
          {source === "config" ? <span className="badge">from the configuration</span> : null}
        </p>
        <p className="soft">
          <code>
            {host}:{port}
          </code>
          , {securityTexts[security]}
          {user ? `, as ${user}` : ", without a user name"}
          {user && !transport.passwordSet ? " and without a password" : ""}
          {dkim ? `, signed for ${dkim.domain}` : ""}
        </p>
        <Fault transport={transport} />
        {dkim ? <Dkim dkim={dkim} /> : null}
        {remove.isError ? (
          <p className="fault" role="alert">
            {remove.error.message}
          </p>
        ) : null}
      </div>
      <div className="actions">
        {may ? (
          <button
            type="button"
            className="btn small"
            onClick={() => setTests(true)}
            aria-label={`Send a test mail by ${name}`}
          >
            Send test mail
          </button>
        ) : null}
        {may && source === "api" ? (
          <>
            <button type="button" className="btn small" onClick={onEdit} aria-label={`Change ${name}`}>
              Change
            </button>
            <Confirm
              name="Delete"
              label={`Delete ${name}`}
              danger
              title={`Delete ${name}?`}
              act="Delete"
              onAct={() => remove.mutate()}
            >
              Mails that wait leave by the other mail servers; without one, they go on waiting.
            </Confirm>
          </>
        ) : null}
      </div>
      {tests ? <TransportTest workspace={workspace} name={name} onClose={() => setTests(false)} /> : null}
    </li>
  );
}

const securityTexts: Record<Transport["security"], string> = {
  starttls: "STARTTLS",
  tls: "TLS from the first byte",
  none: "not encrypted",
};

/** How it goes with it: a mark, and since when. */
function State({ transport: { state, lastSentAt } }: { transport: Transport }) {
  if (state === "new") return <span className="soft">not used yet</span>;
  return (
    <span className={state === "up" ? "transport-state ok" : "transport-state bad"}>
      <Icon name={state === "up" ? "check" : "warning"} size={13} />
      {state === "up" ? "works" : "failing"}
      {state === "up" && lastSentAt ? (
        <span className="faint">
          last mail <Ago at={lastSentAt} />
        </span>
      ) : null}
    </span>
  );
}

function Fault({ transport: { state, lastClass, lastFault, lastFaultAt } }: { transport: Transport }) {
  if (!lastFaultAt || (!lastClass && !lastFault)) return null;
  return (
    <p className={state === "failing" ? "fault" : "faint"}>
      {state === "failing" ? "" : "Earlier: "}
      {lastClass ? mailClassTexts[lastClass] : "It failed"}, <Ago at={lastFaultAt} />
      {lastFault ? <code className="transport-fault">{lastFault}</code> : null}
    </p>
  );
}

/** The record by which others check the signature. */
function Dkim({ dkim: { domain, selector, record } }: { dkim: NonNullable<Transport["dkim"]> }) {
  return (
    <details className="record">
      <summary>DKIM record to publish</summary>
      <p className="soft">
        TXT at{" "}
        <code>
          {selector}._domainkey.{domain}
        </code>
      </p>
      <CopyBlock label={`DKIM record of ${domain}`} text={record} />
    </details>
  );
}
