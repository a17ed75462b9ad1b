import { type Suppression, suppressionReasons } from "@daybook/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { suppressionsQuery } from "../../api/mail-suppressions.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { SearchField } from "../../ui/search-field.tsx";
import { Empty, Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { Ago } from "../../ui/time.tsx";
import "../activity/bar/bar.css";
import "../tasks/tasks.css";
import { Reactivate } from "./reactivate.tsx";
import { reasonNames, reasonTexts } from "./reason-texts.ts";
import { SuppressForm } from "./suppress-form.tsx";
import type { SuppressionSearch } from "./suppression-search.ts";
import "./suppressions.css";

const at = "/w/$workspace/mail-suppressions";

/** The addresses that get no mail: found, put on the list, taken off it. */
export function Suppressions() {
  const { workspace } = useParams({ from: at });
  const search: SuppressionSearch = useSearch({ from: at });
  const navigate = useNavigate({ from: at });
  const may = useMay("mail.write");
  const [adding, setAdding] = useState(false);
  const read = useInfiniteQuery(suppressionsQuery(workspace, search));
  const change = useCallback(
    (patch: { q?: string | undefined; reason?: string | undefined }, options?: { replace?: boolean }) =>
      void navigate({
        search: (before) => ({ ...before, ...patch }) as SuppressionSearch,
        replace: options?.replace ?? false,
      }),
    [navigate],
  );
  const rows = read.data?.pages.flatMap((page) => page.items) ?? [];
  const narrowed = search.q !== undefined || search.reason !== undefined;
  const add = may ? (
    <button type="button" className="btn primary" aria-expanded={adding} onClick={() => setAdding(!adding)}>
      Add an address
    </button>
  ) : null;
  return (
    <PlainScreen name="Suppression list" actions={add}>
      <p className="lead">
        Nothing is sent to these addresses:{" "}
        <Link to="/w/$workspace/mail-log" params={{ workspace }} search={{ status: "suppressed" }}>
          what was meant for them
        </Link>{" "}
        stands in the mail log as suppressed.
      </p>
      {may || read.isPending || read.isError ? null : <ReadOnly what="these addresses" />}
      {adding ? <SuppressForm workspace={workspace} onDone={() => setAdding(false)} /> : null}
      <div className="suppression-tools">
        <SearchField
          id="suppression-search"
          label="Search addresses"
          placeholder="Address or note"
          view={{ search, change, refresh: () => void read.refetch() }}
        />
        <Reasons chosen={search.reason} onChoose={(reason) => change({ reason })} />
      </div>
      {read.isPending ? <Skeleton lines={8} label="Reading the suppression list" /> : null}
      {read.isError ? <Failure error={read.error} retry={() => void read.refetch()} /> : null}
      {read.data && rows.length === 0 ? (
        <None narrowed={narrowed} onClear={() => change({ q: undefined, reason: undefined })} />
      ) : null}
      {rows.length > 0 ? (
        <ul className="list suppressions" aria-label="Suppressed addresses">
          {rows.map((row) => (
            <Row key={row.address} workspace={workspace} row={row} may={may} />
          ))}
        </ul>
      ) : null}
      {read.hasNextPage ? (
        <button
          type="button"
          className="btn gap"
          disabled={read.isFetchingNextPage}
          onClick={() => void read.fetchNextPage()}
        >
          More
        </button>
      ) : null}
    </PlainScreen>
  );
}

function Reasons({ chosen, onChoose }: { chosen: string | undefined; onChoose: (reason: string | undefined) => void }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="seg" role="group" aria-label="Reason">
      <button type="button" aria-pressed={chosen === undefined} onClick={() => onChoose(undefined)}>
        All
      </button>
      {suppressionReasons.map((reason) => (
        <button key={reason} type="button" aria-pressed={chosen === reason} onClick={() => onChoose(reason)}>
          {reasonNames[reason]}
        </button>
      ))}
    </div>
  );
}

function Row({ workspace, row, may }: { workspace: string; row: Suppression; may: boolean }) {
  const { address, reason, at: since, by, note, messageId } = row;
  const known = address.includes("@");
  return (
    <li data-address={address}>
      <div className="suppression">
        <b>
          {known ? (
            <Link to="/w/$workspace/mail-addresses/$address" params={{ workspace, address }}>
              {address}
            </Link>
          ) : (
            address
          )}
        </b>
        <p className="soft">
          {reasonTexts[reason]}
          {by ? ` by ${by}` : ""}, <Ago at={since} />
          {messageId ? (
            <>
              {" · "}
              <Link to="/w/$workspace/mail-log/$id" params={{ workspace, id: messageId }}>
                the mail that caused it
              </Link>
            </>
          ) : null}
        </p>
        {note ? <span className="suppression-note">{note}</span> : null}
      </div>
      {may && known ? <Reactivate workspace={workspace} suppression={row} /> : null}
    </li>
  );
}

function None({ narrowed, onClear }: { narrowed: boolean; onClear: () => void }) {
  if (narrowed)
    return (
      <Empty title="No such address">
        <p>No address on the list fits.</p>
        <button type="button" className="btn" onClick={onClear}>
          Show all
        </button>
      </Empty>
    );
  return (
    <Empty title="Every address gets its mail">
      <p>
        An address comes here by itself when a mail to it comes back for good or is reported as spam, so that the mail
        server keeps its good name. It can also be put here by hand.
      </p>
    </Empty>
  );
}
