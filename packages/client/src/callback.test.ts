import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { verifyCallback } from "./callback.ts";

const secret = "dbs_lamp";
const nowMs = 1_790_000_000_000;
const body = JSON.stringify({ act: "retry", task: { id: "t", title: "Zürich" }, requestId: "r-1" });

function signed(over: { body?: string; secret?: string; time?: number } = {}): Record<string, string> {
  const time = over.time ?? nowMs / 1000;
  const mac = createHmac("sha256", over.secret ?? secret)
    .update(`${time}.${over.body ?? body}`)
    .digest("hex");
  return { "X-Daybook-Signature": `t=${time},v1=${mac}` };
}

test("a call that Daybook signed is read, from text or bytes, from a record of headers or Headers", async () => {
  const call = { act: "retry", requestId: "r-1", task: { id: "t", title: "Zürich" } };
  expect(await verifyCallback(signed(), body, secret, { nowMs })).toEqual(call);
  const bytes = new TextEncoder().encode(body);
  expect(await verifyCallback(new Headers(signed()), bytes, ["another", secret], { nowMs })).toEqual(call);
});

const refused: [string, Record<string, string>, string][] = [
  ["another body", signed(), body.replace("retry", "cancel")],
  ["another secret", signed({ secret: "dbs_other" }), body],
  ["a time long ago", signed({ time: nowMs / 1000 - 301 }), body],
  ["a time to come", signed({ time: nowMs / 1000 + 301 }), body],
  [
    "a time that was not signed",
    { "x-daybook-signature": signed()["X-Daybook-Signature"]?.replace("t=179", "t=189") ?? "" },
    body,
  ],
  ["half a signature", { "x-daybook-signature": `t=${nowMs / 1000},v1=abcd` }, body],
  ["no time", { "x-daybook-signature": `v1=${"a".repeat(64)}` }, body],
  ["no signature", {}, body],
];

test.each(refused)("a call with %s is refused", async (_, headers, received) => {
  await expect(verifyCallback(headers, received, secret, { nowMs })).rejects.toThrow(
    expect.objectContaining({ name: "CallbackError" }),
  );
});

test("an empty secret is a mistake of the panel, not a match", async () => {
  await expect(verifyCallback(signed({ secret: "" }), body, "", { nowMs })).rejects.toThrow("secret: it is empty");
});
