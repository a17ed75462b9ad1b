/** The table of error codes: what a client may meet, its HTTP status and its title (RFC 9457 problem details). */
export const errorCodes = {
  invalid_request: { status: 400, title: "The request is not understood" },
  invalid_query: { status: 400, title: "The query is not understood" },
  invalid_cursor: { status: 400, title: "The cursor is not one of this list" },
  unauthenticated: { status: 401, title: "Sign in or send an API key" },
  invalid_credentials: { status: 401, title: "E-mail address, password or code is wrong" },
  code_required: { status: 401, title: "A code of the authenticator app is needed too" },
  signature_invalid: { status: 401, title: "The signature does not fit" },
  forbidden: { status: 403, title: "Not permitted" },
  step_up_required: { status: 403, title: "Show once more that it is you" },
  two_factors_required: { status: 403, title: "This workspace asks for two factors" },
  csrf_failed: { status: 403, title: "The request did not come from the console" },
  link_invalid: { status: 403, title: "The link is not valid or has expired" },
  not_found: { status: 404, title: "Not found" },
  id_conflict: { status: 409, title: "This id was used for another event" },
  conflict: { status: 409, title: "The state has changed" },
  task_not_pending: { status: 409, title: "The task is no longer pending" },
  task_not_failed: { status: 409, title: "The task has not failed" },
  task_type_not_retryable: { status: 409, title: "Tasks of this type may not be run twice" },
  task_finished: { status: 409, title: "The task is finished" },
  lines_out_of_order: { status: 409, title: "Lines before these are missing" },
  schedule_read_only: { status: 409, title: "The schedule is defined elsewhere" },
  mail_not_resendable: { status: 409, title: "What this mail said is no longer known in full" },
  template_in_use: { status: 409, title: "The template is used by others" },
  setting_fixed: { status: 409, title: "The setting is fixed for the whole installation" },
  setup_done: { status: 410, title: "Setup is already done" },
  body_too_large: { status: 413, title: "The body is too large" },
  event_too_large: { status: 413, title: "The event is too large" },
  batch_too_large: { status: 413, title: "The batch is too large" },
  unsupported_media_type: { status: 415, title: "The content type is not supported" },
  invalid_event: { status: 422, title: "The event is not valid" },
  invalid_payload: { status: 422, title: "The payload does not fit the task type" },
  invalid_schedule: { status: 422, title: "The schedule is not valid" },
  address_refused: { status: 422, title: "The address may not be called" },
  invalid_template: { status: 422, title: "The template cannot be rendered" },
  sender_missing: { status: 422, title: "It is not set who mail comes from" },
  missing_data: { status: 422, title: "The template needs more data" },
  weak_password: { status: 422, title: "The password is too easy to guess" },
  invalid_json: { status: 400, title: "The body is not JSON" },
  too_many_requests: { status: 429, title: "Too many requests" },
  log_inconsistent: { status: 500, title: "The log does not fit what was signed" },
  internal: { status: 500, title: "Something failed on our side" },
  overloaded: { status: 503, title: "Too much in flight" },
  search_timeout: { status: 503, title: "The search took too long" },
  database_unavailable: { status: 503, title: "The database cannot be reached" },
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** One fault inside a request: where it is (`index` in a batch, JSON `pointer`) and what is wrong. */
export interface Fault {
  index?: number;
  line?: number;
  pointer?: string;
  code: string;
  message: string;
}

export interface AppErrorOptions {
  errors?: Fault[];
  /** Seconds after which a retry makes sense; sent as `Retry-After`. */
  retryAfterSeconds?: number;
  /** Further members of the problem document, e.g. `{ limit: "batchEventsMax", max: 10000, position: 4 }`. */
  extra?: Record<string, unknown>;
  cause?: unknown;
}

/** The one error class. `detail` says what was wrong with this request and what was meant. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly options: AppErrorOptions;
  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.status = errorCodes[code].status;
    this.options = options;
  }
}
