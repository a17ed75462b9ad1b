import type { Member } from "@daybook/contract";
import { type ReactNode, useId, useState } from "react";
import {
  changeRole,
  disableMember,
  enableMember,
  makePasswordLink,
  removeMember,
  turnOffTwoFactors,
} from "../../api/team.ts";
import { Question } from "../../ui/confirm.tsx";
import { Icon } from "../../ui/icon.tsx";
import { ActorMark } from "../../ui/mark.tsx";
import { Popup } from "../../ui/popup.tsx";
import { Ago } from "../../ui/time.tsx";
import type { MadeLink } from "./team.tsx";

interface MemberLineProps {
  workspace: string;
  member: Member;
  roles: readonly string[];
  /** It is oneself: no one shuts themselves out from here. */
  self: boolean;
  may: boolean;
  onAct: (doIt: () => Promise<unknown>) => void;
  onLink: (made: MadeLink) => void;
}

type Asks = "link" | "two-factors" | "disable" | "remove";

export function MemberLine(props: MemberLineProps) {
  const { workspace, member, roles, self, may, onAct } = props;
  const [asks, setAsks] = useState<Asks | null>(null);
  const name = member.name || member.email;
  const { disabled } = member;
  return (
    <li data-ended={disabled}>
      <ActorMark actor={{ type: "staff", id: member.id, name }} />
      <Who member={member} name={name} self={self} />
      {may && !self ? (
        <div className="actions">
          <select
            className="input"
            aria-label={`Role of ${name}`}
            value={member.role}
            onChange={(event) => {
              const role = event.target.value; // By the time of the request, the field shows the old one again.
              onAct(() => changeRole(workspace, member.id, role));
            }}
          >
            {(roles.includes(member.role) ? roles : [member.role, ...roles]).map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
          <More name={name} member={member} onChoose={setAsks} />
        </div>
      ) : (
        <span className="soft">{member.role}</span>
      )}
      {asks ? <Questions asks={asks} props={props} onClose={() => setAsks(null)} /> : null}
    </li>
  );
}

/** What is asked before an act of the menu. */
function Questions({ asks, props, onClose }: { asks: Asks; props: MemberLineProps; onClose: () => void }) {
  const { workspace, member, onAct, onLink } = props;
  const name = member.name || member.email;
  const { disabled } = member;
  const link = () => onAct(async () => onLink({ ...(await makePasswordLink(workspace, member.id)), member }));
  return (
    <>
      {asks === "link" ? (
        <Ask onClose={onClose} title={`A new password for ${name}?`} act="Make the link" onAct={link}>
          You get a link to hand on. The old password works until the link is used.
        </Ask>
      ) : null}
      {asks === "two-factors" ? (
        <Ask
          onClose={onClose}
          title={`Turn off the two factors of ${name}?`}
          act="Turn off"
          onAct={() => onAct(() => turnOffTwoFactors(workspace, member.id))}
        >
          For a lost phone. Their password alone lets them in until they turn two factors on again, in every workspace.
          Make sure that it is {name} who asks.
        </Ask>
      ) : null}
      {asks === "disable" ? (
        <Ask
          onClose={onClose}
          title={disabled ? `Let ${name} in again?` : `Shut ${name} out?`}
          act={disabled ? "Enable" : "Disable"}
          onAct={() => onAct(() => (disabled ? enableMember : disableMember)(workspace, member.id))}
        >
          {disabled
            ? "They have their place in this workspace again."
            : "They have no way into this workspace from now on. What they did stays on record."}
        </Ask>
      ) : null}
      {asks === "remove" ? (
        <Ask
          onClose={onClose}
          title={`Remove ${name} from this workspace?`}
          act="Remove"
          onAct={() => onAct(() => removeMember(workspace, member.id))}
        >
          They have no place here any more. What they did stays on record, with their name.
        </Ask>
      ) : null}
    </>
  );
}

function Who({ member, name, self }: { member: Member; name: string; self: boolean }) {
  return (
    <div className="who">
      <b>{name}</b> {self ? <span className="pill current">you</span> : null}
      {member.disabled ? <span className="pill failure">disabled</span> : null}
      {!member.hasPassword ? <span className="pill denied">invited</span> : null}
      <div className="soft">
        {member.name ? `${member.email} · ` : ""}
        {member.hasPassword ? (member.totpEnabled ? "two factors · " : "password alone · ") : ""}
        {member.lastSeenAt ? (
          <>
            last seen <Ago at={member.lastSeenAt} />
          </>
        ) : (
          "never signed in"
        )}
      </div>
    </div>
  );
}

interface AskProps {
  title: string;
  act: string;
  onAct: () => void;
  onClose: () => void;
  children: ReactNode;
}

function Ask({ title, act, onAct, onClose, children }: AskProps) {
  return (
    <Question title={title} danger={/^(Disable|Remove|Turn off)$/.test(act)} act={act} onAct={onAct} onClose={onClose}>
      {children}
    </Question>
  );
}

function More({ name, member, onChoose }: { name: string; member: Member; onChoose: (asks: Asks) => void }) {
  const id = useId();
  const { disabled } = member;
  const items: { asks: Asks; says: string; off?: boolean }[] = [
    { asks: "link", says: !member.hasPassword ? "New invitation link" : "Link for a new password", off: disabled },
    { asks: "two-factors", says: "Turn off two factors", off: !member.totpEnabled },
    { asks: "disable", says: disabled ? "Enable" : "Disable" },
    { asks: "remove", says: "Remove from the workspace" },
  ];
  return (
    <>
      <button
        type="button"
        className="btn bare square"
        popoverTarget={id}
        aria-haspopup="menu"
        aria-label={`More about ${name}`}
      >
        <Icon name="more" />
      </button>
      <Popup id={id} label={`More about ${name}`} role="menu">
        {items
          .filter((item) => !item.off)
          .map((item) => (
            <button key={item.asks} type="button" role="menuitem" className="item" onClick={() => onChoose(item.asks)}>
              {item.says}
            </button>
          ))}
      </Popup>
    </>
  );
}
