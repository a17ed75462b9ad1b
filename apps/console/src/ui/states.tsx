import { Link, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Problem } from "../api/request.ts";
import { lastWorkspace } from "../lib/workspace.ts";
import { Icon } from "./icon.tsx";

/** Nothing to show, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="state">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface FailureProps {
  error: unknown;
  retry?: () => void;
}

/** What failed, why, and another try. A refusal for want of a right says which right is missing. */
export function Failure({ error, retry }: FailureProps) {
  const problem = error instanceof Problem ? error : undefined;
  if (problem?.code === "two_factors_required") return <TwoFactorsFirst />;
  if (problem?.status === 403) {
    return (
      <div className="state" role="alert">
        <Icon name="lock" size={20} />
        <h2>You may not see this</h2>
        <p>{problem.message} An owner of the workspace can change your role.</p>
      </div>
    );
  }
  return (
    <div className="state" role="alert">
      <Icon name="warning" size={20} />
      <h2>{problem?.title ?? "Something failed in the console"}</h2>
      <p>{reason(error, problem)}</p>
      {problem?.requestId ? <p className="faint mono">request {problem.requestId}</p> : null}
      {retry ? (
        <button type="button" className="btn" onClick={retry}>
          Try again
        </button>
      ) : null}
    </div>
  );
}

/** The workspace asks for two factors, and nothing else can be done before. */
function TwoFactorsFirst() {
  const { workspace = lastWorkspace.get() } = useParams({ strict: false });
  return (
    <div className="state" role="alert">
      <Icon name="lock" size={20} />
      <h2>This workspace asks for two factors</h2>
      <p>Turn them on for your account; an authenticator app on your phone is enough. Then everything opens.</p>
      <Link className="btn primary" to="/w/$workspace/account" params={{ workspace }}>
        To your account
      </Link>
    </div>
  );
}

function reason(error: unknown, problem: Problem | undefined): string {
  if (problem?.code === "unreachable") return "Is it running, and is the network up? Nothing you did is lost.";
  if (problem) return problem.message;
  return error instanceof Error ? error.message : String(error);
}

/** Stands on top of a screen that one may see and not change. */
export function ReadOnly({ what }: { what: string }) {
  return <p className="notice read-only">Your role sees {what} and does not change them.</p>;
}

/** Grey bars where text will be; they appear only if the wait is longer than a moment. */
export function Skeleton({ lines, label }: { lines: number; label: string }) {
  return (
    <div className="skeleton" role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars are all alike and never move
        <i key={line} style={{ inlineSize: `${62 + ((line * 37) % 34)}%` }} />
      ))}
    </div>
  );
}
