import type { StaffSession } from "@daybook/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { revokeSession, sessionsQuery } from "../../api/access.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { Failure, Skeleton } from "../../ui/states.tsx";
import { Ago } from "../../ui/time.tsx";
import { browserName } from "./user-agent.ts";

/** Where one is signed in, and ending those sessions. */
export function Sessions() {
  const sessions = useQuery(sessionsQuery);
  const client = useQueryClient();
  const end = useMutation({
    mutationFn: (id: string) => revokeSession(id),
    onSettled: () => client.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  return (
    <section aria-labelledby="sessions">
      <h2 id="sessions">Sessions</h2>
      <p>Where you are signed in. End what you do not know, and change your password.</p>
      {sessions.isPending ? <Skeleton lines={3} label="Reading your sessions" /> : null}
      {sessions.isError ? <Failure error={sessions.error} retry={() => void sessions.refetch()} /> : null}
      {end.isError ? (
        <p className="notice bad" role="alert">
          {end.error.message}
        </p>
      ) : null}
      <ul className="list">
        {sessions.data?.items.map((session) => (
          <SessionLine key={session.id} session={session} onEnd={() => end.mutate(session.id)} />
        ))}
      </ul>
    </section>
  );
}

function SessionLine({ session, onEnd }: { session: StaffSession; onEnd: () => void }) {
  const name = browserName(session.userAgent);
  return (
    <li>
      <div>
        <b title={session.userAgent}>{name}</b>{" "}
        {session.current ? <span className="pill current">this one</span> : null}
        <div className="soft">
          {session.ip ? <span className="mono">{session.ip}</span> : "unknown address"} · signed in{" "}
          <Ago at={session.createdAt} /> · last seen <Ago at={session.lastSeenAt} />
        </div>
      </div>
      {session.current ? null : (
        <Confirm
          name="End"
          label={`End the session of ${name}`}
          danger
          title="End this session?"
          act="End session"
          onAct={onEnd}
        >
          {name} has to sign in again.
        </Confirm>
      )}
    </li>
  );
}
