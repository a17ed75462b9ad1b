import type { MailRates, MailStats } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { mailStatsQuery } from "../../api/mail.ts";
import { count, plural } from "../../lib/numbers.ts";
import { Chart } from "../../ui/chart/chart.tsx";
import { type Step, stepsOf } from "../../ui/chart/chart-steps.ts";
import { ShortTime } from "../../ui/time.tsx";
import "../tasks/charts/charts.css";
import { undelivered } from "./mail-mark.tsx";
import { lostOf, percentText, shareOf, throughOf } from "./rates.ts";
import type { MailPatch, MailView } from "./use-mail-view.ts";

const BUCKETS = 60;
/** Rows of the small tables. */
const SHOWN = 3;

const rateSeries = [{ draw: "bar", className: "bar" }] as const;
const lostSeries = [{ draw: "bar", className: "bar failure" }] as const;

/** How much mail comes through: over time, by type and by domain; each leads to its rows. */
export function MailCharts({ view, ready }: { view: MailView; ready: boolean }) {
  const { workspace, filter, change } = view;
  const read = useQuery({ ...mailStatsQuery({ workspace, filter }, BUCKETS), enabled: ready });
  if (read.isError && !read.data)
    return <p className="task-charts not-counted">The charts could not be read: {read.error.message}</p>;
  const open = (patch: MailPatch) => (step: Step) =>
    change({
      ...patch,
      mail: undefined,
      from: new Date(step.startMs).toISOString(),
      to: new Date(step.endMs).toISOString(),
      range: undefined,
    });
  const { templates = [], domains = [] } = read.data ?? {};
  return (
    <section className="task-charts mail-charts" aria-label="Charts" data-waiting={read.isPlaceholderData}>
      <Rate stats={read.data} onOpen={open({ status: undefined })} view={view} />
      <Lost stats={read.data} onOpen={open({ status: undelivered })} view={view} />
      <Shares
        title="By type"
        rows={templates.map((each) => ({ ...each, name: each.template }))}
        onOpen={(template) => change({ template })}
      />
      <Shares
        title="By domain"
        rows={domains.map((each) => ({ ...each, name: each.domain }))}
        onOpen={(domain) => change({ address: `@${domain}` })}
      />
    </section>
  );
}

interface PartProps {
  stats: MailStats | undefined;
  onOpen: (step: Step) => void;
  view: MailView;
}

function Rate({ stats, onOpen, view }: PartProps) {
  const { change } = view;
  const steps = useSteps(stats, (bucket) => [
    bucket ? shareOf(bucket) : null,
    bucket ? throughOf(bucket) : 0,
    bucket?.queued ?? 0,
  ]);
  const { total, now } = stats ?? {};
  return (
    <figure>
      <figcaption>
        Delivery rate
        {view.filter.from === undefined ? ", the last year" : isNarrower(view) ? " of all in the range" : ""}
        {now && now.waiting > 0 ? (
          <button
            type="button"
            className="linklike"
            onClick={() => change({ status: "queued", range: "all", from: undefined, to: undefined })}
          >
            {count(now.waiting)} waiting
            {now.oldestWaitingAt ? (
              <>
                , oldest <ShortTime at={now.oldestWaitingAt} />
              </>
            ) : null}
          </button>
        ) : null}
      </figcaption>
      <p className="figure">
        <b>{total ? percentText(shareOf(total)) : "–"}</b> of {total ? plural(total.queued, "mail") : "–"}
      </p>
      <Chart
        name="Delivery rate"
        rows="mails"
        steps={steps}
        series={rateSeries}
        text={({ values }) =>
          values[0] == null ? "nothing sent" : `${percentText(values[0])} of ${plural(values[2] ?? 0, "mail")}`
        }
        onOpen={onOpen}
      />
    </figure>
  );
}

function Lost({ stats, onOpen, view: { change, workspace } }: PartProps) {
  const steps = useSteps(stats, (bucket) => [bucket ? lostOf(bucket) : 0, bucket?.queued ?? 0]);
  const { total } = stats ?? {};
  return (
    <figure>
      <figcaption>
        Did not come through
        <Link className="linklike" to="/w/$workspace/mail-suppressions" params={{ workspace }} search={{}}>
          Suppression list
        </Link>
      </figcaption>
      <p className="figure">
        <button type="button" className="big-link" onClick={() => change({ status: undelivered })}>
          <b>{total ? count(lostOf(total)) : "–"}</b>
        </button>
        {total
          ? (["failed", "bounced", "complained", "suppressed"] as const)
              .filter((status) => total[status] > 0)
              .map((status) => (
                <button key={status} type="button" className="linklike" onClick={() => change({ status })}>
                  {count(total[status])} {status}
                </button>
              ))
          : null}
      </p>
      <Chart
        name="Mails that did not come through"
        rows="mails"
        steps={steps}
        series={lostSeries}
        text={({ values }) => `${count(values[0] ?? 0)} of ${plural(values[1] ?? 0, "mail")} did not come through`}
        onOpen={onOpen}
      />
    </figure>
  );
}

interface SharesProps {
  title: string;
  /** The most mails first. */
  rows: readonly (MailRates & { name: string })[];
  onOpen: (name: string) => void;
}

/** A small table of the worst among those with the most mails. */
function Shares({ title, rows, onOpen }: SharesProps) {
  const shown = rows
    .slice(0, 20)
    .toSorted((a, b) => lostOf(b) - lostOf(a) || b.queued - a.queued)
    .slice(0, SHOWN);
  return (
    <figure className="shares">
      <figcaption>{title}</figcaption>
      {shown.length === 0 ? <p className="figure-note">Nothing in this range.</p> : null}
      <ul>
        {shown.map((row) => {
          const share = shareOf(row);
          return (
            <li key={row.name}>
              <button type="button" className="share-name linklike cut" onClick={() => onOpen(row.name)}>
                {row.name}
              </button>
              <span className="share-track" aria-hidden="true">
                <i style={{ transform: `scaleX(${share ?? 0})` }} />
              </span>
              <span className={lostOf(row) > 0 ? "share-text bad" : "share-text"}>{percentText(share)}</span>
              <span className="share-text faint">{count(row.queued)}</span>
            </li>
          );
        })}
      </ul>
    </figure>
  );
}

/** Whether the list shows less than the charts, which know ranges, types and domains. */
function isNarrower({ filter: { user, target, q, class: fault, delivery, transport, address } }: MailView): boolean {
  const narrowing = [user, target, q, fault, delivery, transport, address?.startsWith("@") ? undefined : address];
  return narrowing.some((value) => value !== undefined);
}

type Bucket = MailStats["buckets"][number];

function useSteps(stats: MailStats | undefined, values: (bucket: Bucket | undefined) => Step["values"]): Step[] {
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is taken from a bucket never changes
  return useMemo(() => (stats ? stepsOf(stats, values) : []), [stats]);
}
