import type { Setting } from "@daybook/contract";

/** What file, environment and flags set for every workspace: to read, not to change. */
export function Installation({ settings }: { settings: readonly Setting[] }) {
  return (
    <section aria-labelledby="installation">
      <h2 id="installation">The installation</h2>
      <p>
        Set on the server, for every workspace: in <code>daybook.config.json</code>, by a variable of the environment,
        or by a flag. A change holds after a restart.
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard */}
      <section className="table-scroll" tabIndex={0} aria-label="Settings of the installation">
        <table>
          <thead>
            <tr>
              <th scope="col">Variable</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
              <th scope="col">What it is</th>
            </tr>
          </thead>
          <tbody>
            {settings.map((setting) => (
              <tr key={setting.name}>
                <th scope="row">
                  <code>{setting.environment ?? setting.name}</code>
                </th>
                <td>
                  <code>{shown(setting)}</code>
                </td>
                <td>{setting.source}</td>
                <td className="soft">{setting.what}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  );
}

function shown({ value, unit, secret }: Setting): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return "–";
  if (secret) return "(set, not shown)";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return unit ? `${text} ${unit}` : text;
}
