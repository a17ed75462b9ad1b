import type { ApiKey } from "@daybook/contract";
import { Confirm } from "../../ui/confirm.tsx";
import { Ago } from "../../ui/time.tsx";

interface KeyLineProps {
  apiKey: ApiKey;
  /** Whether one may rotate and revoke it. */
  may: boolean;
  onRotate: () => void;
  onRevoke: () => void;
}

export function KeyLine({ apiKey: key, may, onRotate, onRevoke }: KeyLineProps) {
  const expired = key.expiresAt !== undefined && Date.parse(key.expiresAt) <= Date.now();
  const ended = key.revokedAt !== undefined || expired;
  return (
    <li data-ended={ended}>
      <div>
        <b>{key.name}</b> <code className="faint">{key.prefix}…</code>{" "}
        {key.revokedAt ? (
          <span className="pill failure">revoked</span>
        ) : expired ? (
          <span className="pill denied">expired</span>
        ) : null}
        {!ended && key.replacedBy ? <span className="pill denied">rotated</span> : null}
        <div className="soft scopes">
          {key.scopes.map((scope) => (
            <code key={scope}>{scope}</code>
          ))}
        </div>
        <div className="faint">
          {key.lastUsedAt ? (
            <>
              last used <Ago at={key.lastUsedAt} />
            </>
          ) : (
            "never used"
          )}
          {" · made "}
          <Ago at={key.createdAt} />
          {key.createdBy ? ` by ${key.createdBy}` : ""}
          {key.expiresAt && !ended ? (
            <>
              {" · ends "}
              <Ago at={key.expiresAt} />
            </>
          ) : null}
        </div>
      </div>
      {ended || !may ? null : (
        <div className="actions">
          {key.replacedBy ? null : (
            <Confirm
              name="Rotate"
              label={`Rotate ${key.name}`}
              title={`Rotate ${key.name}?`}
              act="Rotate"
              onAct={onRotate}
            >
              You get a new key with the same name and scopes. The old one goes on working for 24 hours.
            </Confirm>
          )}
          <Confirm
            name="Revoke"
            label={`Revoke ${key.name}`}
            danger
            title={`Revoke ${key.name}?`}
            act="Revoke"
            onAct={onRevoke}
          >
            Whatever uses this key is refused from now on. This cannot be undone.
          </Confirm>
        </div>
      )}
    </li>
  );
}
