import { type Attacks, attackLimits } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { type AttackQuestion, attacksQuery } from "../../api/logins.ts";
import { ScreenHeader } from "../../frame/screen-header.tsx";
import { count, plural } from "../../lib/numbers.ts";
import { spanOf } from "../../lib/range.ts";
import { Empty, Failure, Skeleton } from "../../ui/states.tsx";
import "../activity/activity.css";
import "../activity/bar/bar.css";
import { Tabs } from "../activity/bar/lens-bar.tsx";
import { logins } from "../activity/lens.ts";
import { RangePicker } from "../activity/range-picker.tsx";
import { type LogView, LogViewProvider } from "../activity/view.ts";
import type { AttackSearch } from "./attack-search.ts";
import { AttackTable } from "./attack-table.tsx";
import { BlockListMenu } from "./block-list-menu.tsx";
import "./brute-force.css";

/** What counts as an attack: the burst that people wait for, and slower ones. */
const measures = [
  { min: 5, minutes: 10, name: "5 in 10 min" },
  { min: 20, minutes: 60, name: "20 in an hour" },
  { min: 50, minutes: 1440, name: "50 in a day" },
] as const;

/** Failed sign-ins grouped by address and by account, and whether one then succeeded. */
export function BruteForce() {
  const { view, question, by } = useAttackView();
  const { min, minutes } = question;
  const read = useQuery(attacksQuery(question, by));
  return (
    <LogViewProvider value={view}>
      <div className="activity brute-force">
        <ScreenHeader name="Brute force">
          <div className="controls">
            <RangePicker />
            <BlockListMenu question={question} />
          </div>
        </ScreenHeader>
        <div className="lens-bar">
          <Tabs />
          <Choice
            label="Grouped by"
            items={[
              { name: "By address", chosen: by === "address", search: { by: undefined } },
              { name: "By account", chosen: by === "account", search: { by: "account" } },
            ]}
          />
          <Choice
            label="What counts as an attack"
            items={measures.map((each) => ({
              name: each.name,
              chosen: each.min === min && each.minutes === minutes,
              search: {
                min: each.min === attackLimits.minDefault ? undefined : each.min,
                minutes: each.minutes === attackLimits.minutesDefault ? undefined : each.minutes,
              },
            }))}
          />
        </div>
        <div className="attacks-scroll" data-waiting={read.isPlaceholderData}>
          {read.data ? (
            <Found found={read.data} />
          ) : read.isError ? (
            <Failure error={read.error} retry={() => void read.refetch()} />
          ) : (
            <Skeleton lines={14} label="Reading the sign-ins" />
          )}
        </div>
      </div>
    </LogViewProvider>
  );
}

/** The page's state from its address, also in the form that the range picker takes. */
function useAttackView(): { view: LogView; question: AttackQuestion; by: Attacks["by"] } {
  const at = "/w/$workspace/logins/brute-force";
  const { workspace } = useParams({ from: at });
  const search: AttackSearch = useSearch({ from: at });
  const navigate = useNavigate({ from: at });
  const [asked, setAsked] = useState(() => Date.now());
  const { range, from, to, min = attackLimits.minDefault, minutes = attackLimits.minutesDefault } = search;
  const span = useMemo(
    () => spanOf({ ...(range && { range }), ...(from && { from }), ...(to && { to }) }, asked),
    [range, from, to, asked],
  );
  const change = useCallback<LogView["change"]>(
    (patch, options) =>
      void navigate({
        search: (before) => ({ ...before, ...patch }) as AttackSearch,
        replace: options?.replace ?? false,
      }),
    [navigate],
  );
  const refresh = useCallback(() => setAsked(Date.now()), []);
  const view = useMemo<LogView>(
    () => ({
      lens: logins,
      workspace,
      search,
      question: { workspace, q: "", base: logins.base, span, order: "desc" },
      endsNow: !to,
      rowsThere: true,
      change,
      refresh,
    }),
    [workspace, search, span, to, change, refresh],
  );
  const question = useMemo(() => ({ workspace, min, minutes, span }), [workspace, min, minutes, span]);
  return { view, question, by: search.by ?? "address" };
}

interface ChoiceProps {
  label: string;
  items: readonly {
    name: string;
    chosen: boolean;
    search: { [Key in keyof AttackSearch]?: AttackSearch[Key] | undefined };
  }[];
}

function Choice({ label, items }: ChoiceProps) {
  const navigate = useNavigate({ from: "/w/$workspace/logins/brute-force" });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out as a row in every browser
    <div className="seg" role="group" aria-label={label}>
      {items.map(({ name, chosen, search }) => (
        <button
          key={name}
          type="button"
          aria-pressed={chosen}
          onClick={() => void navigate({ search: (before) => ({ ...before, ...search }) as AttackSearch })}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Found({ found }: { found: Attacks }) {
  const { items, groups, failures, succeeded, min, minutes } = found;
  const one = found.by === "address" ? "address" : "account";
  const measure = `${min} failures within ${minutes < 60 ? `${minutes} minutes` : minutes === 60 ? "an hour" : plural(minutes / 60, "hour")}`;
  if (items.length === 0)
    return (
      <Empty title="No attack in this range">
        <p>
          {failures === 0
            ? "No sign-in failed."
            : `${plural(failures, "sign-in")} failed, but no ${one} had ${measure}.`}
        </p>
      </Empty>
    );
  return (
    <>
      <p className="attack-sum" role="status">
        <b>{plural(groups, one, one === "address" ? "addresses" : "accounts")}</b> with {measure} ·{" "}
        {plural(failures, "failed sign-in")} in all ·{" "}
        {succeeded > 0 ? (
          <b className="attack-in">{count(succeeded)} then got in</b>
        ) : (
          <span className="ok">none got in</span>
        )}
        {groups > items.length ? <span className="faint"> · the first {items.length} are shown</span> : null}
      </p>
      <AttackTable found={found} />
    </>
  );
}
