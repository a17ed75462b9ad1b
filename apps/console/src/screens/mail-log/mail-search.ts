import { type MailFilter, mailStatuses } from "@daybook/contract";
import { readLogSearch, spanOf } from "../../lib/range.ts";

/** What the address of the mail log says; all of the screen's state. */
export interface MailSearch {
  q?: string;
  status?: string;
  template?: string;
  user?: string;
  target?: string;
  address?: string;
  class?: string;
  delivery?: string;
  transport?: string;
  range?: NonNullable<ReturnType<typeof readLogSearch>["range"]>;
  from?: string;
  to?: string;
  /** The id of the mail in the side panel. */
  mail?: string;
}

const plain = ["q", "template", "user", "target", "address", "class", "delivery", "transport", "mail"] as const;

/** What narrows the list, beside the range. */
export const narrowing = ["q", "status", ...plain.slice(1, -1)] as readonly Exclude<
  keyof MailSearch,
  "range" | "from" | "to" | "mail"
>[];

/** Takes from an address what is understood; the rest is dropped, so that an old link still opens. */
export function readMailSearch(search: Record<string, unknown>): MailSearch {
  const { range, from, to } = readLogSearch(search);
  const read: MailSearch = { ...(range && { range }), ...(from && { from }), ...(to && { to }) };
  for (const key of plain) {
    const value = search[key];
    if (typeof value === "string" && value.trim() !== "") read[key] = value;
  }
  if (typeof search.status === "string") {
    const known = search.status.split(",").filter((word) => mailStatuses.some((each) => each === word));
    if (known.length > 0) read.status = known.join();
  }
  return read;
}

/** The filter that the server is asked with. */
export function filterOf(search: MailSearch, nowMs: number): MailFilter {
  const { range, from: searchFrom, to: searchTo, mail: _, ...words } = search;
  const { from, to } = spanOf(
    { ...(range && { range }), ...(searchFrom && { from: searchFrom }), ...(searchTo && { to: searchTo }) },
    nowMs,
  );
  return { ...words, ...(from && { from }), ...(to && { to }) };
}

/** The filters that stand as words below the header, with what they are called. */
export const wordFilters = [
  { key: "template", name: "Type", hint: "the name of a template" },
  { key: "address", name: "Recipient", hint: "dana@acme.example or @acme.example" },
  { key: "user", name: "User", hint: "the id of a user" },
  { key: "target", name: "Server", hint: "type/id, e.g. server/srv-1" },
  { key: "class", name: "Why", hint: "what went wrong" },
  { key: "transport", name: "Transport", hint: "the name of a transport" },
] as const;

export type WordKey = (typeof wordFilters)[number]["key"];
