import type { PartyPart } from "@daybook/contract";
import { defaultRange, type LogSearch, readLogSearch } from "../../lib/range.ts";

/** What the address of a party's page says: a log screen's state, and which part of the events is shown. */
export interface PartySearch extends LogSearch {
  part?: PartyPart["role"];
}

const parts = ["did", "suffered", "owned"] as const;

/** As for a log screen, but without a range all time is meant; so the range that those leave out is kept here. */
export function readPartySearch(search: Record<string, unknown>): PartySearch {
  const read: PartySearch = readLogSearch(search);
  if (search.range === defaultRange && !read.from && !read.to) read.range = defaultRange;
  const part = parts.find((each) => each === search.part);
  if (part) read.part = part;
  return read;
}
