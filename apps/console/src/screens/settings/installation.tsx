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
      <dl className="settings installation">
        {settings.map((setting) => (
          <div key={setting.name} className="setting">
            <dt>
              <code>{setting.environment ?? setting.name}</code>
              <span className="hint">{setting.what}</span>
            </dt>
            <dd>
              <code>{shown(setting)}</code>
              {setting.source === "default" ? null : <span className="hint">from the {setting.source}</span>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function shown({ value, unit, secret }: Setting): string {
  if (value === null || (Array.isArray(value) && value.length === 0)) return "–";
  if (secret) return "set, not shown";
  const text = Array.isArray(value) ? value.join(", ") : String(value);
  return unit ? `${text} ${unit}` : text;
}
