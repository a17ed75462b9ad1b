import { AppError, type ErrorCode, errorCodes, type Fault } from "@daybook/contract";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";

/** A problem document (RFC 9457) with its status and headers. */
export interface Problem {
  status: number;
  headers: Record<string, string>;
  body: {
    type: string;
    code: string;
    title: string;
    status: number;
    detail: string;
    requestId: string;
    errors?: Fault[];
    [member: string]: unknown;
  };
}

export const problemMediaType = "application/problem+json; charset=utf-8";

/** Codes of fastify's own errors, as ours. */
const fastifyCodes: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "body_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_EMPTY_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "invalid_request",
  FST_ERR_NOT_FOUND: "not_found",
};

/** Makes an AppError of whatever was thrown; `internal` when it was not foreseen. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return validationError(error);
  const { code, statusCode, message } = (error ?? {}) as { code?: string; statusCode?: number; message?: string };
  if (code !== undefined && fastifyCodes[code] !== undefined)
    return new AppError(fastifyCodes[code], message ?? "", { cause: error });
  if (isDatabaseAway(error))
    return new AppError("database_unavailable", "The database does not answer. Try again in a moment.", {
      cause: error,
      retryAfterSeconds: 2,
    });
  if (isUnstorableText(error))
    return new AppError(
      "invalid_request",
      "A text holds NUL or half of a character (a lone surrogate); it cannot be kept.",
      {
        cause: error,
      },
    );
  if (statusCode === 429) return new AppError("too_many_requests", message ?? "", { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new AppError("invalid_request", message ?? "The request is not understood.", { cause: error });
  return new AppError(
    "internal",
    "Something failed on our side. The request id leads to the cause in the server's log.",
    {
      cause: error,
    },
  );
}

/** The problem document that a client gets for an error. */
export function toProblem(error: AppError, requestId: string): Problem {
  const { errors, extra, retryAfterSeconds } = error.options;
  return {
    status: error.status,
    headers: {
      ...(error.status === 401 ? { "www-authenticate": "Bearer" } : {}), // RFC 9110 15.5.2 asks for it.
      ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(Math.ceil(retryAfterSeconds)) }),
    },
    body: {
      type: "about:blank",
      code: error.code,
      title: errorCodes[error.code].title,
      status: error.status,
      detail: error.message,
      requestId,
      ...(errors === undefined ? {} : { errors }),
      ...extra,
    },
  };
}

interface ZodFault {
  instancePath: string;
  keyword: string;
  message?: string;
}

/** One fault for each thing that the schema refused, with a JSON pointer into the part of the request. */
function validationError(error: { validation: ZodFault[]; validationContext?: string | undefined }): AppError {
  const part = error.validationContext ?? "body";
  const errors = error.validation.map((fault) => ({
    pointer: fault.instancePath,
    code: fault.keyword,
    message: fault.message ?? "is not valid",
  }));
  const first = errors[0];
  const where = first === undefined || first.pointer === "" ? part : `${part} ${first.pointer}`;
  return new AppError("invalid_request", `${where}: ${first?.message ?? "is not valid"}`, { errors, cause: error });
}

/** What PostgreSQL says of NUL in a text (22021) or in JSON (22P05), and of half a surrogate pair in JSON (22P02). */
function isUnstorableText(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (code === "22021" || code === "22P05") return true;
  return code === "22P02" && typeof message === "string" && message.includes("for type json");
}

/** PostgreSQL's classes for a lost connection (08), a shutdown (57P) and too many connections (53300), and the socket's. */
function isDatabaseAway(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (
    typeof code === "string" &&
    /^(08\d\d\w|57P0[1-3]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT)$/.test(code)
  )
    return true;
  return typeof message === "string" && /Connection terminated|timeout exceeded when trying to connect/.test(message);
}
