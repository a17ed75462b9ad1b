import { AppError, parseQuery } from "@daybook/contract";
import { Problem } from "../../../api/request.ts";

/** What is wrong with a query, and where. */
export interface QueryFault {
  message: string;
  position: number;
  length: number;
  /** What to put in its place. */
  suggestion?: string | undefined;
}

/** The fault that the parser finds in a text; null if it is a query. */
export function faultOf(text: string): QueryFault | null {
  try {
    parseQuery(text);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { position, length, suggestion } = error.options.extra ?? {};
    return fault(error.message, position, length, suggestion);
  }
}

/** The same from the server's answer, for what only the server knows. */
export function faultOfProblem(error: unknown): QueryFault | null {
  if (!(error instanceof Problem) || error.code !== "invalid_query") return null;
  return fault(error.message, error.position, error.length, error.suggestion);
}

function fault(message: string, position: unknown, length: unknown, suggestion: unknown): QueryFault {
  return {
    message,
    position: typeof position === "number" ? position : 0,
    length: typeof length === "number" ? Math.max(1, length) : 1,
    suggestion: typeof suggestion === "string" ? suggestion : undefined,
  };
}

/** The text with the suggestion in the place of the fault. */
export function mended(text: string, found: QueryFault): string {
  return text.slice(0, found.position) + (found.suggestion ?? "") + text.slice(found.position + found.length);
}
