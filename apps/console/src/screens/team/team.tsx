import type { Member } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { meQuery } from "../../api/access.ts";
import { membersQuery, rolesQuery } from "../../api/team.ts";
import { PlainScreen } from "../../frame/screen-header.tsx";
import { useMay } from "../../lib/may.ts";
import { CopyBlock } from "../../ui/copy-button.tsx";
import { Empty, Failure, ReadOnly, Skeleton } from "../../ui/states.tsx";
import { InviteForm } from "./invite-form.tsx";
import { MemberLine } from "./member-line.tsx";
import "./team.css";

/** What came of an invitation or a reset. A link that went out by mail is not shown; one that did not is shown this once. Who has a
 *  password already needs none. */
export interface MadeLink {
  link?: string;
  sentTo?: string;
  member: Member;
}

/** The people of a workspace: invited, given a role, disabled, removed. */
export function Team() {
  const { workspace } = useParams({ from: "/w/$workspace" });
  const may = useMay("staff.manage");
  const me = useQuery(meQuery);
  const members = useQuery(membersQuery(workspace));
  const roles = useQuery({ ...rolesQuery(workspace), enabled: members.isSuccess });
  const client = useQueryClient();
  const [inviting, setInviting] = useState(false);
  const [link, setLink] = useState<MadeLink | null>(null);
  const act = useMutation({
    mutationFn: (doIt: () => Promise<unknown>) => doIt(),
    onSettled: () => client.invalidateQueries({ queryKey: membersQuery(workspace).queryKey }),
  });
  const shown = (made: MadeLink) => {
    setLink(made);
    setInviting(false);
    void client.invalidateQueries({ queryKey: membersQuery(workspace).queryKey });
  };
  const invite = (
    <button type="button" className="btn primary" onClick={() => setInviting(true)}>
      Invite
    </button>
  );
  const names = roles.data?.items.map((role) => role.name) ?? [];
  return (
    <PlainScreen name="Team" actions={may && members.isSuccess ? invite : null}>
      {inviting ? (
        <InviteForm workspace={workspace} roles={names} onInvited={shown} onCancel={() => setInviting(false)} />
      ) : null}
      {link ? <LinkShown link={link} onDone={() => setLink(null)} /> : null}
      {act.error ? (
        <p className="notice bad" role="alert">
          {act.error.message}
        </p>
      ) : null}
      {members.data && !may ? <ReadOnly what="the staff" /> : null}
      {members.isPending ? <Skeleton lines={5} label="Reading the team" /> : null}
      {members.isError ? <Failure error={members.error} retry={() => void members.refetch()} /> : null}
      {members.data?.items.length === 0 ? <Empty title="Nobody is here yet" /> : null}
      {members.data && members.data.items.length > 0 ? (
        <ul className="list team" aria-label="Team">
          {members.data.items.map((member) => (
            <MemberLine
              key={member.id}
              workspace={workspace}
              member={member}
              roles={names}
              self={member.id === me.data?.staff.id}
              may={may}
              onAct={(doIt) => act.mutate(doIt)}
              onLink={shown}
            />
          ))}
        </ul>
      ) : null}
    </PlainScreen>
  );
}

/** What became of the link: it is on its way by mail, or has to be handed on. */
function LinkShown({ link, onDone }: { link: MadeLink; onDone: () => void }) {
  const name = link.member.name || link.member.email;
  if (link.sentTo !== undefined) {
    return (
      <section className="minted" aria-labelledby="link">
        <h2 id="link">The invitation of {name} is on its way</h2>
        <p role="status">
          The link went by mail to {link.sentTo}. It chooses a password, works once, and ends after 24 hours. If it does
          not arrive, make a new link from the menu of {name}: that one is shown to you.
        </p>
        <button type="button" className="btn" onClick={onDone}>
          Close
        </button>
      </section>
    );
  }
  if (link.link === undefined) {
    return (
      <section className="minted" aria-labelledby="link">
        <h2 id="link">{name} has a place here now</h2>
        <p role="status">They have an account already and sign in with the password they have.</p>
        <button type="button" className="btn" onClick={onDone}>
          Close
        </button>
      </section>
    );
  }
  return (
    <section className="minted" aria-labelledby="link">
      <h2 id="link">A link for {name}</h2>
      <p role="status">
        It was not sent by mail. Send it to {link.member.email} yourself, over a way that only they read. It chooses a
        password, works once, and ends after 24 hours. It is not shown again.
      </p>
      <CopyBlock label={`Link for ${name}`} text={atThisAddress(link.link)} />
      <button type="button" className="btn" onClick={onDone}>
        I have copied it
      </button>
    </section>
  );
}

/** The link at the address that this page has: a server without a public URL knows only what it listens on. */
function atThisAddress(link: string): string {
  const { pathname, hash } = new URL(link);
  return location.origin + pathname + hash;
}
