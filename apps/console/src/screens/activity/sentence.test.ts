import type { Event } from "@daybook/contract";
import { expect, test } from "vitest";
import { rowSentence } from "./sentence.ts";

const event: Event = {
  seq: 1,
  id: "0198f0c2-0000-7000-8000-000000000001",
  occurredAt: "2026-11-20T10:00:00.000Z",
  recordedAt: "2026-11-20T10:00:00.000Z",
  action: "server.suspended",
  category: "server",
  kind: "administrative",
  severity: "medium",
  summary: "Dana suspended mc-1",
  actor: { type: "staff", id: "42", name: "Dana" },
  targets: [{ type: "server", id: "srv-1", name: "mc-1" }],
  origin: {},
  outcome: "success",
};

test("the row's sentence leaves the actor out and marks the target", () => {
  const pieces = [{ text: "suspended " }, { text: "mc-1", target: true }];
  expect(rowSentence(event)).toEqual(pieces);
  const key = { type: "api_key", id: "key-1", name: "billing" } as const;
  expect(rowSentence({ ...event, actor: key, summary: "API key billing suspended mc-1" })).toEqual(pieces);
});

test("of a time a row has only the date", () => {
  const summary = "Dana renewed mc-1 until 2026-12-21T14:30:04.225Z, not 2026-11-21T14:30Z";
  const pieces = [{ text: "renewed " }, { text: "mc-1", target: true }, { text: " until 2026-12-21, not 2026-11-21" }];
  expect(rowSentence({ ...event, summary })).toEqual(pieces);
});

test("a target's name inside a longer word is not marked", () => {
  const pieces = rowSentence({ ...event, summary: "Dana renamed mc-10 to mc-1" });
  expect(pieces).toEqual([{ text: "renamed mc-10 to " }, { text: "mc-1", target: true }]);
});

test("a sentence that does not begin with the actor stays whole", () => {
  const pieces = rowSentence({ ...event, summary: "The nightly run failed", targets: [] });
  expect(pieces).toEqual([{ text: "The nightly run failed" }]);
});
