import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestDatabase, testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { putOverride } from "./action-store.ts";
import { ActionBook } from "./actions.ts";

let database: TestDatabase;
const folder = mkdtempSync(join(tmpdir(), "daybook-actions-"));
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});

async function withBook<T>(
  use: (book: ActionBook) => Promise<T> | T,
  options: { file?: string; checkEveryMs?: number } = {},
) {
  const book = await ActionBook.open({ db: database.db, ...options });
  try {
    return await use(book);
  } finally {
    await book.close();
  }
}

const dana = { actor: { type: "user", name: "Dana" }, targets: [{ type: "server", id: "mc-01" }] } as const;

describe("what an action means", () => {
  test("comes from the catalogue", async () => {
    await withBook((book) => {
      const action = book.resolve(1, "server.suspended", "staff");
      expect(action).toMatchObject({ category: "server", kind: "administrative", severity: "medium", known: true });
      expect(book.sentence(action, { action: "server.suspended", ...dana, targets: [...dana.targets] })).toBe(
        "Dana suspended mc-01",
      );
    });
  });

  test("is guessed from its name and actor when nobody described it", async () => {
    await withBook((book) => {
      const action = book.resolve(1, "server.frobnicated", "staff");
      expect(action).toMatchObject({
        action: "server.frobnicated",
        category: "server",
        kind: "administrative",
        known: false,
      });
      expect(book.resolve(1, "server.frobnicated", "system").kind).toBe("system");
      expect(book.sentence(action, { action: "server.frobnicated", ...dana, targets: [...dana.targets] })).toBe(
        "Dana frobnicated mc-01",
      );
    });
  });

  test("of a sign-in by another panel's name is that of auth.login, with what the name implies", async () => {
    await withBook((book) => {
      const failed = book.resolve(1, "auth.fail", "user");
      expect(failed).toMatchObject({
        action: "auth.login",
        outcome: "failure",
        reason: "invalid_credentials",
        known: true,
      });
      expect(book.sentence(failed, { action: "auth.fail", actor: dana.actor })).toBe(
        "Dana could not sign in because the name or the password is wrong",
      );
      expect(book.sentence(failed, { action: "auth.fail", actor: dana.actor, outcome: "denied" })).toBe(
        "Dana was not allowed to sign in",
      );
      expect(book.resolve(1, "server.started").action).toBe("server.started");
    });
  });

  test("is what a workspace says, in that workspace alone, as soon as the book is read again", async () => {
    await withBook(async (book) => {
      await putOverride(database.db, 7, "widget.spun", {
        says: "gave {target} a spin",
        severity: "high",
        kind: "administrative",
      });
      await book.reload();
      const own = book.resolve(7, "widget.spun", "user");
      expect(own).toMatchObject({ severity: "high", kind: "administrative", known: true });
      const event = { action: "widget.spun", actor: dana.actor, targets: [{ type: "widget", id: "w-1" }] };
      expect(book.sentence(own, { ...event, outcome: "failure" })).toBe("Dana could not give w-1 a spin");
      expect(book.resolve(8, "widget.spun", "user")).toMatchObject({ known: false, kind: "user" });
    });
  });

  test("changes by another process within one look", async () => {
    await withBook(
      async (book) => {
        expect(book.resolve(9, "widget.turned").severity).toBe("low");
        await putOverride(database.db, 9, "widget.turned", { severity: "critical" });
        await vi.waitFor(() => expect(book.resolve(9, "widget.turned").severity).toBe("critical"), { timeout: 5_000 });
      },
      { checkEveryMs: 20 },
    );
  });

  test("is what the operator's file says, below the workspace's own words, and is read again when the file changes", async () => {
    const file = join(folder, "actions.json");
    const write = (says: string) =>
      writeFileSync(
        file,
        JSON.stringify({ "gadget.bent": { says, sensitive: ["angle"] }, "user.login": { says: "came in" } }),
      );
    write("bent {target} a little");
    await putOverride(database.db, 10, "gadget.bent", { severity: "critical" });
    await withBook(
      async (book) => {
        const event = { action: "gadget.bent", ...dana, targets: [{ type: "gadget", id: "g" }] };
        expect(book.resolve(10, "gadget.bent")).toMatchObject({
          severity: "critical",
          sensitive: ["angle"],
          known: true,
        });
        expect(book.sentence(book.resolve(10, "gadget.bent"), event)).toBe("Dana bent g a little");
        expect(book.resolve(10, "user.login").action).toBe("user.login");
        write("bent {target} quite a bit");
        await vi.waitFor(
          () => expect(book.sentence(book.resolve(1, "gadget.bent"), event)).toBe("Dana bent g quite a bit"),
          { timeout: 5_000 },
        );
      },
      { file, checkEveryMs: 20 },
    );
  });

  test.each([
    ["{", /cannot be read/],
    [
      '{"server.deleted":{"says":"{nonsense} happened"}}',
      /server\.deleted › says: \{nonsense\} is not a value of an event/,
    ],
    ['{"Server Deleted":{"kind":"user"}}', /Server Deleted/],
    ['{"server.deleted":{}}', /says nothing about the action/],
    ['{"server.deleted":{"colour":"red"}}', /colour/],
  ])("in a file %s is refused with what is wrong", async (content, message) => {
    const file = join(folder, "wrong.json");
    writeFileSync(file, content);
    await expect(ActionBook.open({ db: database.db, file })).rejects.toThrow(message);
  });

  test("goes on to hold while a changed file is wrong", async () => {
    const file = join(folder, "later-wrong.json");
    writeFileSync(file, '{"gizmo.made":{"severity":"high"}}');
    const errors: unknown[] = [];
    const book = await ActionBook.open({
      db: database.db,
      file,
      checkEveryMs: 20,
      log: { error: (fault: unknown) => errors.push(fault) },
    });
    writeFileSync(file, "not JSON at all");
    await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0), { timeout: 5_000 });
    expect(book.resolve(1, "gizmo.made").severity).toBe("high");
    await book.close();
  });
});
