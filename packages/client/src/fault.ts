import type { Fault } from "@daybook/contract";

/** What Daybook answered when it refused something, or what kept it from being told. */
export class DaybookError extends Error {
  /** Of docs/reference/errors.md; or `unreachable`, `queue_full`, `closed`, `rejected`, which arise in the client. */
  readonly code: string;
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** The single faults of a batch. */
  readonly errors: readonly Fault[];
  /** The problem document of the answer (RFC 9457), with all its members. */
  readonly problem: Readonly<Record<string, unknown>>;
  constructor(
    code: string,
    message: string,
    rest: {
      status?: number;
      errors?: readonly Fault[] | undefined;
      problem?: Record<string, unknown>;
      cause?: unknown;
    } = {},
  ) {
    super(message, rest.cause === undefined ? undefined : { cause: rest.cause });
    this.name = "DaybookError";
    this.code = code;
    this.status = rest.status ?? 0;
    this.errors = rest.errors ?? [];
    this.problem = rest.problem ?? {};
  }
}
