import type { MailAddressPage, MailRates } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { mailAddressQuery } from "../../api/mail.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { count, plural } from "../../lib/numbers.ts";
import { Failure, Skeleton } from "../../ui/states.tsx";
import { Ago, FullTime } from "../../ui/time.tsx";
import "../activity/activity.css";
import "../activity/panel/panel.css";
import "../mail-log/mail-log.css";
import "../mail-log/mail/mail.css";
import { MailMark } from "../mail-log/mail-mark.tsx";
import { percentText, shareOf } from "../mail-log/rates.ts";
import { Reactivate } from "../mail-suppressions/reactivate.tsx";
import { reasonTexts } from "../mail-suppressions/reason-texts.ts";
import { AddressMails } from "./address-mails.tsx";
import { DomainHealth } from "./domain-health.tsx";
import "./mail-address.css";

/** Why did this customer not get the mail? Everything about one address. */
export function MailAddress() {
  const { workspace, address } = useParams({ from: "/w/$workspace/mail-addresses/$address" });
  const read = useQuery(mailAddressQuery(workspace, address));
  return (
    <div className="mail-address-screen">
      <ScreenHeader name={address}>
        <div className="header-actions">
          <Link
            className="btn"
            to="/w/$workspace/mail-log"
            params={{ workspace }}
            search={{ address, range: "all" } as never}
          >
            In the mail log
          </Link>
        </div>
      </ScreenHeader>
      {read.isError && !read.data ? <Failure error={read.error} retry={() => void read.refetch()} /> : null}
      {read.isPending ? <Skeleton lines={12} label="Reading what is known of the address" /> : null}
      {read.data ? <Page workspace={workspace} page={read.data} /> : null}
    </div>
  );
}

function Page({ workspace, page }: { workspace: string; page: MailAddressPage }) {
  const { address, suppression, answer, totals } = page;
  return (
    <div className="mail-address">
      <section className="address-answer" aria-labelledby="answer">
        <h2 id="answer">Why did {address} not get the mail?</h2>
        <p role="status">{answer}</p>
      </section>
      {suppression ? <Suppressed workspace={workspace} suppression={suppression} /> : null}
      <div className="address-figures">
        <Totals workspace={workspace} page={page} />
        <DomainHealth workspace={workspace} page={page} />
      </div>
      <section aria-labelledby="all-mails" className="address-all">
        <h3 id="all-mails">{totals.queued === 0 ? "No mail" : `Every mail: ${count(totals.queued)}`}</h3>
        <AddressMails workspace={workspace} address={address} />
      </section>
    </div>
  );
}

function Suppressed({
  workspace,
  suppression,
}: {
  workspace: string;
  suppression: NonNullable<MailAddressPage["suppression"]>;
}) {
  const may = useMay("mail.write");
  const { reason, at, by, note, messageId } = suppression;
  return (
    <section className="notice warn address-suppressed" aria-label="Suppression">
      <div>
        <p>
          <b>It gets no mail</b>: {reasonTexts[reason]}
          {by ? ` by ${by}` : ""}, <FullTime at={at} />.{" "}
          {messageId ? (
            <Link to="/w/$workspace/mail-log/$id" params={{ workspace, id: messageId }}>
              The mail that caused it
            </Link>
          ) : null}
        </p>
        {note ? <p>{note}</p> : null}
      </div>
      {may ? <Reactivate workspace={workspace} suppression={suppression} /> : null}
    </section>
  );
}

const shown = [
  "delivered",
  "sent",
  "failed",
  "bounced",
  "complained",
  "suppressed",
] as const satisfies readonly (keyof MailRates)[];

/** How many there were of each, and when. */
function Totals({
  workspace,
  page: { address, totals, firstAt, lastAt, lastDeliveredAt },
}: {
  workspace: string;
  page: MailAddressPage;
}) {
  return (
    <section aria-labelledby="totals">
      <h3 id="totals">
        {plural(totals.queued, "mail")}, {percentText(shareOf(totals))} came through
      </h3>
      <ul className="address-totals">
        {shown
          .filter((status) => totals[status] > 0)
          .map((status) => (
            <li key={status}>
              <MailMark status={status} />{" "}
              <Link
                to="/w/$workspace/mail-log"
                params={{ workspace }}
                search={{ address, status, range: "all" } as never}
                aria-label={`${count(totals[status])} ${status}`}
              >
                {count(totals[status])}
              </Link>
            </li>
          ))}
      </ul>
      <dl className="facts">
        {lastDeliveredAt ? (
          <>
            <dt>Last arrived</dt>
            <dd>
              <FullTime at={lastDeliveredAt} />
            </dd>
          </>
        ) : null}
        {lastAt ? (
          <>
            <dt>Last mail</dt>
            <dd>
              <Ago at={lastAt} />
            </dd>
          </>
        ) : null}
        {firstAt ? (
          <>
            <dt>First mail</dt>
            <dd>
              <Ago at={firstAt} />
            </dd>
          </>
        ) : null}
      </dl>
    </section>
  );
}
