import type { Event } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { eventQuery, type ProvenEvent } from "../../../api/events.ts";
import { CopyButton } from "../../../ui/copy-button.tsx";
import { Credit } from "../../../ui/credit.tsx";
import { Icon } from "../../../ui/icon.tsx";
import { Modal } from "../../../ui/modal.tsx";
import { Failure, Skeleton } from "../../../ui/states.tsx";
import { FullTime } from "../../../ui/time.tsx";
import { fullSentence } from "../sentence.ts";
import { Sentence } from "../table/cells.tsx";
import { useLogView } from "../view.ts";
import { Changes } from "./changes.tsx";
import { Facts } from "./facts.tsx";
import { JsonTree } from "./json-tree.tsx";
import { LookFurther } from "./look-further.tsx";
import "./panel.css";
import { ProofBadge } from "./proof-badge.tsx";

interface EventPanelProps {
  id: string;
  /** The event as the table has it, until it has been read in full. */
  known: Event | undefined;
  narrow: boolean;
  onClose: () => void;
}

/** The side panel: one event in full. On a narrow screen it fills the screen. */
export function EventPanel({ id, known, narrow, onClose }: EventPanelProps) {
  if (!narrow) {
    return (
      <aside className="panel" aria-label="Event">
        <PanelOf id={id} known={known} onClose={onClose} />
      </aside>
    );
  }
  return (
    <Modal label="Event" className="panel full" onClose={onClose}>
      <PanelOf id={id} known={known} onClose={onClose} />
    </Modal>
  );
}

function PanelOf({ id, known, onClose }: Omit<EventPanelProps, "narrow">) {
  const { workspace } = useLogView();
  const read = useQuery(eventQuery(workspace, id));
  const event: ProvenEvent | undefined = read.data ?? known;
  return (
    <>
      <div className="panel-tools">
        <CopyButton text={() => linkTo(id)}>
          <Icon name="link" size={14} />
          Copy link
        </CopyButton>
        {event ? <CopyButton text={() => JSON.stringify(event, null, 2)}>Copy JSON</CopyButton> : null}
        <button type="button" className="btn square" aria-label="Close" title="Close (Esc)" onClick={onClose}>
          <Icon name="close" size={14} />
        </button>
      </div>
      {event ? (
        <EventInFull key={event.id} event={event} complete={read.isSuccess} />
      ) : read.isError ? (
        <Failure error={read.error} retry={() => void read.refetch()} />
      ) : (
        <Skeleton lines={12} label="Reading the event" />
      )}
    </>
  );
}

function EventInFull({ event, complete }: { event: ProvenEvent; complete: boolean }) {
  const { details } = event;
  const hasDetails =
    details !== undefined && !(typeof details === "object" && details !== null && Object.keys(details).length === 0);
  return (
    <article>
      <h2 className="sentence">
        <Sentence pieces={fullSentence(event)} />
      </h2>
      <p className="soft">
        <FullTime at={event.occurredAt} />
      </p>
      <Facts event={event} />
      {event.changes && event.changes.length > 0 ? <Changes changes={event.changes} /> : null}
      {hasDetails ? (
        <section>
          <h3>Details</h3>
          <JsonTree value={details} />
        </section>
      ) : null}
      <ProofBadge event={event} complete={complete} />
      <LookFurther event={event} />
      {event.origin.country || event.origin.network ? <Credit /> : null}
    </article>
  );
}

/** The address of the event alone, without the search it was found by. */
function linkTo(id: string): string {
  const url = new URL(location.href);
  url.search = new URLSearchParams({ range: "all", event: id }).toString();
  return url.href;
}
