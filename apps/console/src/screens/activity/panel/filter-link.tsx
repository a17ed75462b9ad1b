import { Link } from "@tanstack/react-router";
import { term } from "../search/query-text.ts";
import { useLogView } from "../view.ts";

interface FilterLinkProps {
  filter: { key: string; value: string };
  className?: string;
  children: React.ReactNode;
}

/** A link to everything that a value is in, in all time; the event stays open. */
export function FilterLink({ filter, className = "", children }: FilterLinkProps) {
  const { workspace, search } = useLogView();
  return (
    <Link
      to="/w/$workspace/activity"
      params={{ workspace }}
      search={{ q: term(filter.key, filter.value), range: "all", ...(search.event && { event: search.event }) }}
      className={className}
    >
      {children}
    </Link>
  );
}
