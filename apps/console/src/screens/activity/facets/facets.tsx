import { useQuery } from "@tanstack/react-query";
import { type MouseEvent, useState } from "react";
import { type FacetField, type FacetValue, facetsQuery } from "../../../api/events.ts";
import { useMay } from "../../../lib/may.ts";
import { count, shortCount } from "../../../lib/numbers.ts";
import { Country, countryName } from "../../../ui/mark.tsx";
import { Skeleton } from "../../../ui/states.tsx";
import { stateOf, toggled } from "../search/query-text.ts";
import { useLogView } from "../view.ts";
import "./facets.css";

const VALUES = 6;
const VALUES_MORE = 50;

/** What the found events have in common: the most frequent values with their counts. */
export function FacetLists() {
  const { lens, question, rowsThere } = useLogView();
  // Addresses are personal data: asked for without the permission, no facet at all would be answered.
  const personal = useMay("logs.personal");
  const fields = lens.facets.map((each) => each.field).filter((field) => personal || field !== "ip");
  const facets = useQuery({ ...facetsQuery(question, fields, VALUES + 1), enabled: rowsThere });
  if (facets.isPending) return <Skeleton lines={14} label="Counting" />;
  if (!facets.data) {
    return (
      <p className="soft">
        Not counted.{" "}
        <button type="button" className="linklike" onClick={() => void facets.refetch()}>
          Try again
        </button>
      </p>
    );
  }
  return (
    <div className="facet-lists" data-waiting={facets.isPlaceholderData}>
      {lens.facets.map(({ field, name }) => (
        <FacetList
          key={field}
          field={field}
          name={name}
          values={facets.data.facets[field] ?? []}
          capped={facets.data.capped.includes(field)}
        />
      ))}
    </div>
  );
}

interface FacetListProps {
  field: FacetField;
  name: string;
  values: FacetValue[];
  /** Only the newest events were counted. */
  capped: boolean;
}

function FacetList({ field, name, values, capped }: FacetListProps) {
  const { question } = useLogView();
  const [all, setAll] = useState(false);
  const more = useQuery({ ...facetsQuery(question, [field], VALUES_MORE), enabled: all });
  const shown = all ? (more.data?.facets[field] ?? values) : values.slice(0, VALUES);
  if (shown.length === 0) return null;
  return (
    <section aria-label={name}>
      <h2>
        {name}
        {capped ? (
          <span className="capped" title="Counted among the newest of the events found">
            {" "}
            of the newest
          </span>
        ) : null}
      </h2>
      <ul>
        {shown.map((value) => (
          <Value key={value.value} field={field} value={value} />
        ))}
      </ul>
      {values.length > VALUES ? (
        <button type="button" className="facet-more" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? "Fewer" : "More"}
          <span className="only-read"> of {name}</span>
        </button>
      ) : null}
    </section>
  );
}

function Value({ field, value }: { field: FacetField; value: FacetValue }) {
  const { question, change } = useLogView();
  const state = stateOf(question.q, field, value.value);
  const text = textOf(field, value);
  const onClick = (event: MouseEvent) => {
    // With one value excluded a plain click takes the exclusion back.
    const negate = event.shiftKey || state === "not";
    change({ q: toggled(question.q, field, value.value, negate) || undefined, event: undefined });
  };
  return (
    <li>
      <button
        type="button"
        className="facet"
        data-state={state}
        aria-pressed={state !== "none"}
        title={`${value.label ? `${value.label}, ` : ""}${value.value}: ${count(value.count)}\nClick to filter, Shift-click to exclude`}
        onClick={onClick}
      >
        {field === "country" ? <Country code={value.value} /> : null}
        <span className="cut">{text}</span>
        <span className="facet-count">{shortCount(value.count)}</span>
      </button>
    </li>
  );
}

function textOf(field: FacetField, value: FacetValue): string {
  if (field === "country") return countryName(value.value);
  return value.label || value.value;
}
