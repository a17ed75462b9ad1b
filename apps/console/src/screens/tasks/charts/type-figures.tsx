import type { TaskStats } from "@daybook/contract";
import { durationText } from "../../../lib/duration-text.ts";
import { count } from "../../../lib/numbers.ts";
import { closePopup, Popup } from "../../../ui/popup.tsx";
import type { TaskView } from "../use-task-view.ts";

/** Durations and failures by type, behind a button; a type filters by it. */
export function TypeFigures({ stats, view }: { stats: TaskStats | undefined; view: TaskView }) {
  const types = stats?.types ?? [];
  if (types.length === 0) return null;
  const choose = (type: string) => {
    closePopup("type-figures");
    view.change({ type });
  };
  return (
    <>
      <button type="button" className="linklike" popoverTarget="type-figures" aria-haspopup="dialog">
        by type
      </button>
      <Popup id="type-figures" label="By type" role="dialog" className="type-figures">
        <table>
          <caption className="only-read">Durations and failures by type</caption>
          <thead>
            <tr>
              <th scope="col">Type</th>
              <th scope="col">p50</th>
              <th scope="col">p95</th>
              <th scope="col">Ended</th>
              <th scope="col">Failed</th>
            </tr>
          </thead>
          <tbody>
            {types.map(({ type, p50Ms, p95Ms, finished, failed }) => (
              <tr key={type}>
                <th scope="row">
                  <button type="button" className="linklike mono" onClick={() => choose(type)}>
                    {type}
                  </button>
                </th>
                <td>{p50Ms === undefined ? "–" : durationText(p50Ms)}</td>
                <td>{p95Ms === undefined ? "–" : durationText(p95Ms)}</td>
                <td>{count(finished)}</td>
                <td className={failed > 0 ? "failed" : undefined}>{count(failed)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Popup>
    </>
  );
}
