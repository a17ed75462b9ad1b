import { importedEvents, importItems } from "@daybook/testkit";
import { describe, expect, it } from "vitest";
import { csv } from "./csv.ts";

describe("our own CSV export", () => {
  const header =
    "seq,id,occurredAt,recordedAt,action,outcome,reason,actorType,actorId,actorName,actorEmail,onBehalfOf,targetType,targetId,targetName,targetOwnerId,otherTargets,project,ip,auth,userAgent,sessionId,requestId,changes,details";
  const id = "0198f0c2-0000-7000-8000-000000000001";
  const events = async (row: string) => importedEvents(await importItems(csv, [`${header}\r\n${row}\r\n`]));

  it("is read without a mapping, and what the server added is left out", async () => {
    const row = `7,${id},2026-11-20T10:11:12.345Z,2026-11-20T10:11:13.000Z,server.updated,failure,limit_reached,user,42,Dana,dana@acme.example,user/77 Lee Chen lee@acme.example,server,srv-1,mc-01,77,"[{""type"":""node"",""id"":""n1""}]",p-9,203.0.113.9,session,curl/8,s,r,"[{""field"":""memoryMb"",""old"":1,""new"":2}]","{""a"":[1]}"`;
    expect(await events(row)).toEqual([
      {
        id,
        occurredAt: "2026-11-20T10:11:12.345Z",
        action: "server.updated",
        outcome: "failure",
        reason: "limit_reached",
        project: "p-9",
        actor: { type: "user", id: "42", name: "Dana", email: "dana@acme.example" },
        onBehalfOf: { type: "user", id: "77", name: "Lee Chen", email: "lee@acme.example" },
        targets: [
          { type: "server", id: "srv-1", name: "mc-01", ownerId: "77" },
          { type: "node", id: "n1" },
        ],
        origin: { ip: "203.0.113.9", auth: "session", userAgent: "curl/8", sessionId: "s", requestId: "r" },
        changes: [{ field: "memoryMb", old: 1, new: 2 }],
        details: { a: [1] },
      },
    ]);
  });

  it("gives back texts that were guarded against spreadsheets, and leaves out what is empty", async () => {
    const row = `1,${id},2026-11-20T10:11:12.345Z,,a.b,success,,system,,'=1+1,,,,,,,,,,,,,,,`;
    expect(await events(row)).toEqual([
      {
        id,
        occurredAt: "2026-11-20T10:11:12.345Z",
        action: "a.b",
        outcome: "success",
        actor: { type: "system", name: "=1+1" },
        targets: [],
        origin: { ip: null },
      },
    ]);
  });

  it("tells of a cell that is no JSON", async () => {
    const items = await importItems(csv, [
      `${header}\n1,${id},2026-11-20T10:11:12.345Z,,a.b,success,,system,,,,,,,,,,,,,,,,,{oops\n`,
    ]);
    expect(items).toMatchObject([{ fault: { line: 2, code: "invalid_json" } }]);
  });
});
