import { Link } from "@tanstack/react-router";
import { Icon } from "../../../ui/icon.tsx";
import { hasWord, switchedWord } from "../search/query-terms.ts";
import { useLogView } from "../view.ts";
import { OpenView } from "../views/open-view.tsx";
import "./bar.css";
import { QuickValue } from "./quick-value.tsx";

/** Below the header: what the screen always asks for, the filters used most, and the saved view that is open. */
export function LensBar() {
  const { lens, search } = useLogView();
  if (lens.base === "" && lens.filters.length === 0 && search.view === undefined) return null;
  return (
    <div className="lens-bar">
      <Tabs />
      {lens.base ? (
        <span className="base-query" title={`This screen shows the part of the log that ${lens.base} finds`}>
          <Icon name="lock" size={12} />
          <span className="only-read">Always: </span>
          <code className="cut">{lens.base}</code>
        </span>
      ) : null}
      {lens.filters.map((filter) =>
        filter.kind === "value" ? (
          <QuickValue key={filter.name} filter={filter} />
        ) : (
          <QuickSwitch key={filter.name} name={filter.name} term={filter.term} />
        ),
      )}
      {search.view ? <OpenView id={search.view} /> : null}
    </div>
  );
}

/** The other pages of the same subject. */
export function Tabs() {
  const { lens, workspace } = useLogView();
  if (!lens.tabs) return null;
  return (
    <nav className="tabs" aria-label={lens.title}>
      {lens.tabs.map((tab) => (
        <Link
          key={tab.to}
          to={tab.to as never}
          params={{ workspace } as never}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ "aria-current": "page" }}
        >
          {tab.name}
        </Link>
      ))}
    </nav>
  );
}

function QuickSwitch({ name, term }: { name: string; term: string }) {
  const { question, change } = useLogView();
  return (
    <button
      type="button"
      className="quick"
      aria-pressed={hasWord(question.q, term)}
      title={term}
      onClick={() => change({ q: switchedWord(question.q, term) || undefined, event: undefined })}
    >
      {name}
    </button>
  );
}
