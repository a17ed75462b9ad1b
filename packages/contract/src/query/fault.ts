import { AppError } from "../errors.ts";
import type { Span } from "./query.ts";

/**
 * An error in a query: `detail` says what was meant; the problem document has `position` and `length` (UTF-16 code
 * units from 0) of the fault, and `suggestion` where one word would mend it.
 */
export function queryFault(detail: string, span: Span, suggestion?: string): AppError {
  const { position, length } = span;
  const place = `At character ${position + 1}: `;
  return new AppError("invalid_query", place + detail, {
    extra: suggestion === undefined ? { position, length } : { position, length, suggestion },
  });
}
