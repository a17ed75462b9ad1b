import type { Change, Json } from "@daybook/contract";

/** What changed: the field, the old value, the new one. Of a secret only that it changed. */
export function Changes({ changes }: { changes: readonly Change[] }) {
  return (
    <section>
      <h3>Changes</h3>
      <div className="changes">
        <table>
          <thead className="only-read">
            <tr>
              <th scope="col">Field</th>
              <th scope="col">Old</th>
              <th scope="col">New</th>
            </tr>
          </thead>
          <tbody>
            {changes.map((change, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the changes of an event never move
              <ChangeRow key={index} change={change} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function ChangeRow({ change }: { change: Change }) {
  if (change.changed) {
    return (
      <tr>
        <th scope="row">{change.field}</th>
        <td className="old">changed</td>
        <td className="new">value never stored</td>
      </tr>
    );
  }
  return (
    <tr>
      <th scope="row">{change.field}</th>
      <td className="old mono">
        {change.old === undefined ? <span className="faint">none</span> : <del>{valueText(change.old)}</del>}
      </td>
      <td className="new mono">
        {change.new === undefined ? <span className="faint">none</span> : <ins>{valueText(change.new)}</ins>}
      </td>
    </tr>
  );
}

function valueText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
