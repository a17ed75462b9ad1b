import { parseQuery } from "@daybook/contract";
import { expect, test } from "vitest";
import { fullSight } from "../sight.ts";
import { Parameters } from "./parameters.ts";
import { SearchPlan } from "./plan.ts";

const planOf = (text: string): SearchPlan =>
  new SearchPlan({ workspaceId: 1, sight: fullSight, query: parseQuery(text) });

test.each([
  "actor:dana",
  "actor:user/42",
  "actor:system",
  "action:server.started",
  "action:server.*",
  "action:server.pow*",
  "target:server/srv-1",
  "target:server/*",
  "target:srv-1,srv-2",
  "owner:77",
  "ip:203.0.113.9",
  "ip:2001:db8::1",
  "ip:203.0.113.0/24",
  "ip:203.0.0.0/12",
  "ip:10.0.0.0/12",
  "ip:10.0.0.0/8",
  "ip:2001:db8::/40",
  "ip:203.0.113.64/26",
  "ip:2001:db8::/48",
  "ip:203.0.113.*",
  "ip:203.0.*",
  "country:DE",
  "asn:24940",
  'network:"Hetzner Online GmbH"',
  "outcome:failure",
  "outcome:failure,denied",
  "kind:administrative",
  "category:payment",
  "severity>=high",
  "project:p-9",
  "session:s-1",
  "request:r-1",
  "field:memoryMb",
  "details.reason:chargeback",
  "reason:invalid_password",
  "auth:ssh",
  "browser:firefox",
  "os:openbsd",
  "behalf:user/77",
  "party:user/77",
  "id:0198f0c2-5b1e-7cc3-8a57-0d7e6f2b9a10",
  "seq:100..200",
])("%s is found by the index of terms", (text) => {
  expect(planOf(text).byTerms).toBe(true);
});

test.each(["chargeback", "actor:dan*", "target:*prod*", "details.note:*abc*", "owner:abc*", "ip:2001:db8:*"])(
  "%s is found by the text index of sealed partitions",
  (text) => {
    expect(planOf(text)).toMatchObject({ byText: true, byTerms: false });
  },
);

test.each([
  "-actor:dana",
  "actor:*",
  "ab",
  "actor:d*",
  "outcome:success",
  "severity>=info",
  "ip:0.0.0.0/0",
  "reason:in*",
  "details.a:*",
])("no index narrows %s", (text) => {
  expect(planOf(text)).toMatchObject({ byText: false, byTerms: false });
});

test("every parameter of a statement is used in it", () => {
  for (const text of [
    'actor:a*,user/b* target:x/y* details.a:"b*",c ip:10.0.0.0/8,10.1.* "free text"',
    "created:2026-11-01..2026-11-02",
  ]) {
    for (const withText of [true, false]) {
      const parameters = new Parameters();
      const sql = planOf(text).querySql(parameters, withText);
      for (const index of parameters.values.keys()) expect(sql).toMatch(new RegExp(`\\$${index + 1}(?!\\d)`));
    }
  }
});

test("created narrows the range, unless it is negated", () => {
  expect(planOf("created:2026-11-01..2026-11-02,2026-11-05").bounds).toEqual({
    fromMs: Date.UTC(2026, 10, 1),
    toMs: Date.UTC(2026, 10, 6),
  });
  expect(planOf("-created:2026").bounds).toEqual({ fromMs: -Infinity, toMs: Infinity });
});
