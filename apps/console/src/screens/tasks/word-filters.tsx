import type { Task } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { taskTypesQuery } from "../../api/tasks.ts";
import { type Offer, WordFilter as OneFilter, offersIn } from "../../ui/word-filter.tsx";
import { type WordFilter, wordFilters } from "./task-search.ts";
import type { TaskView } from "./use-task-view.ts";

/** The filters by type, user, node, target and schedule, each a button that says its value. Of types all are offered, of the others those of
 *  the rows. */
export function WordFilters({ view, rows }: { view: TaskView; rows: readonly Task[] }) {
  const [asksTypes, setAsksTypes] = useState(false);
  const types = useQuery({ ...taskTypesQuery(view.workspace), enabled: asksTypes }).data;
  return wordFilters.map(({ key, name, hint }) => (
    <OneFilter
      key={key}
      name={name}
      hint={hint}
      value={view.search[key]}
      offers={() =>
        key === "type" && types
          ? types.map(({ type, title }) => ({ value: type, text: title }))
          : offersIn(rows, (task) => offersOf(key, task))
      }
      onOpen={() => setAsksTypes(asksTypes || key === "type")}
      onChoose={(value) => view.change({ [key]: value })}
    />
  ));
}

/** The values that a row offers. */
function offersOf(filter: WordFilter, task: Task): Offer[] {
  if (filter === "user") return task.user ? [{ value: task.user.id, text: task.user.name }] : [];
  if (filter === "target")
    return task.targets.map(({ type, id, name }) => ({ value: `${type}/${id}`, text: name === id ? undefined : name }));
  const value = filter === "schedule" ? task.scheduleName : task[filter];
  return value === undefined ? [] : [{ value }];
}
