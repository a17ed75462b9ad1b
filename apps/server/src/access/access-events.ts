import { type Actor, type EventInput, emailSchema, limits, type Target } from "@daybook/contract";
import type { FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import type { RecordWriter } from "../record/record.ts";
import type { Access } from "./access.ts";
import type { SecondFactorName } from "./second-factor.ts";
import type { StaffRow } from "./staff-store.ts";

/** What the access rules work with. */
export type AccessDeps = Pick<Deps, "config" | "db" | "clock" | "log" | "settings" | "vault" | "mail"> & {
  record: Pick<RecordWriter, "write">;
};

/** Where a request came from, whoever sent it. `ip` is "" when the connection has no address. */
export interface RequestOrigin {
  ip: string;
  userAgent?: string;
  requestId?: string;
}

/** Why a sign-in did not work, and its outcome: what was sent is wrong (failure), or it does not suffice (denied). */
export const loginFailures = {
  unknown_user: "failure",
  invalid_password: "failure",
  invalid_code: "failure",
  two_factor_required: "denied",
  account_disabled: "denied",
  throttled: "denied",
} as const;

export type LoginFailure = keyof typeof loginFailures;

export function requestOrigin(request: FastifyRequest, ip: string): RequestOrigin {
  const userAgent = request.headers["user-agent"]?.slice(0, limits.userAgentLengthMax);
  return { ip, requestId: request.id, ...(userAgent ? { userAgent } : {}) };
}

/** One attempt to sign in. A typed name that belongs to nobody is kept only when it looks like an e-mail address: people type
 *  passwords into the wrong field. */
export function loginEvent(attempt: {
  staff: StaffRow | undefined;
  typed: string;
  failure?: LoginFailure;
  sessionId?: string;
  origin: RequestOrigin;
  /** With which a password that was right was completed. */
  factor?: SecondFactorName | undefined;
}): EventInput {
  const { staff, failure } = attempt;
  const typed = emailSchema.safeParse(attempt.typed);
  const actor: Actor = staff
    ? staffActor(staff)
    : { type: "anonymous", ...(typed.success ? { email: typed.data } : {}) };
  return {
    action: "auth.login",
    actor,
    outcome: failure ? loginFailures[failure] : "success",
    ...(failure
      ? { reason: failure }
      : {
          details: { twoFactors: attempt.factor !== undefined, ...(attempt.factor ? { factor: attempt.factor } : {}) },
        }),
    origin: {
      ...eventOrigin(attempt.origin),
      auth: "session",
      ...(attempt.sessionId ? { sessionId: attempt.sessionId } : {}),
    },
  };
}

/** An act of somebody who is in: signed in, with a key, or at the command line. */
export function accessEvent(
  access: Access,
  origin: RequestOrigin,
  event: Omit<EventInput, "actor" | "origin">,
): EventInput {
  const auth = { session: "session", key: "api_key", cli: "cli" } as const;
  return {
    ...event,
    actor: accessActor(access),
    origin: {
      ...eventOrigin(origin),
      auth: auth[access.kind],
      ...(access.sessionId ? { sessionId: access.sessionId } : {}),
    },
  };
}

export function staffActor(staff: Pick<StaffRow, "id" | "name" | "email">): Actor {
  return { type: "staff", id: staff.id, name: staff.name || staff.email, email: staff.email };
}

export function staffTarget(staff: Pick<StaffRow, "id" | "name" | "email">): Target {
  return { type: "staff", id: staff.id, name: staff.name || staff.email };
}

/** The origin of an event that nobody signed in for: setup, a password link. */
export function eventOrigin(origin: RequestOrigin): NonNullable<EventInput["origin"]> {
  return {
    ip: origin.ip || null,
    ...(origin.userAgent ? { userAgent: origin.userAgent } : {}),
    ...(origin.requestId ? { requestId: origin.requestId } : {}),
  };
}

/** The workspace whose log keeps what concerns a person (their first), or nobody (the first of all). */
export async function homeWorkspace(deps: Pick<AccessDeps, "db">, staffId?: string): Promise<number> {
  const found = await deps.db.query<{ id: number | null }>(
    `select coalesce((select min(workspace_id) from membership where staff_id = $1::uuid), (select min(id) from workspace)) as id`,
    [staffId ?? null],
  );
  const id = found.rows[0]?.id;
  if (id === null || id === undefined) throw new Error("there is no workspace");
  return id;
}

function accessActor(access: Access): Actor {
  return {
    type: access.kind === "key" ? "api_key" : "staff",
    id: access.id,
    name: access.name,
    ...(access.email ? { email: access.email } : {}),
  };
}
