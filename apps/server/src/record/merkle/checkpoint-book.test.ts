import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sampleEvents, type TestDatabase, testDatabase } from "@daybook/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Appender } from "../append.ts";
import { parseCheckpoint, signCheckpoint } from "./checkpoint.ts";
import { CheckpointBook } from "./checkpoint-book.ts";
import { appendToCheckpointFile, checkpointFile, lastInCheckpointFile, readCheckpointFile } from "./checkpoint-file.ts";
import { LogKeys } from "./log-keys.ts";
import { noteSigner } from "./note.ts";
import { inclusionHolds } from "./proof.ts";

describe("the book of checkpoints", () => {
  let database: TestDatabase;
  let data: string;
  let book: CheckpointBook;
  let appender: Appender;
  let written = 0;

  const append = async (count: number): Promise<void> => {
    await appender.append(database.workspaceId, sampleEvents(count, written));
    written += count;
  };
  const inFile = async (): Promise<string[]> => {
    const notes: string[] = [];
    for await (const note of readCheckpointFile(checkpointFile(data, "main"))) notes.push(note);
    return notes;
  };
  const inDatabase = async (): Promise<string[]> => {
    const { rows } = await database.db.query<{ note: string }>("select note from log_checkpoint order by size");
    return rows.map((row) => row.note);
  };

  beforeAll(async () => {
    database = await testDatabase();
    data = mkdtempSync(join(tmpdir(), "daybook-book-"));
    appender = new Appender(database.db, database.ownerDb);
    book = new CheckpointBook({ db: database.db, keys: new LogKeys({ data }), data });
  });
  afterAll(async () => {
    await appender.close();
    await database.close();
    rmSync(data, { recursive: true });
  });

  it("signs the empty log too", async () => {
    const checkpoint = parseCheckpoint(await book.current(database.workspaceId));
    expect(checkpoint).toMatchObject({ size: 0, extensions: [] });
    expect(checkpoint.root.toString("hex")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("writes each checkpoint down once, in the file and in the database, however many ask at a time", async () => {
    for (const count of [1, 300, 5]) {
      await append(count);
      const notes = await Promise.all(Array.from({ length: 20 }, () => book.current(database.workspaceId)));
      expect(new Set(notes).size).toBe(1);
      expect(parseCheckpoint(notes[0] ?? "").size).toBe(written);
    }
    expect(await inFile()).toHaveLength(4);
    expect(await inFile()).toEqual(await inDatabase());
    expect(await lastInCheckpointFile(checkpointFile(data, "main"))).toBe((await inFile()).at(-1));
    expect((statSync(checkpointFile(data, "main")).mode & 0o777).toString(8)).toBe("600");
  });

  it("writes a checkpoint to the file before it gives it out, also when a crash came between database and file", async () => {
    const file = checkpointFile(data, "main");
    const notes = await inFile();
    rmSync(file);
    for (const note of notes.slice(0, -1)) await appendToCheckpointFile(file, note);
    const restarted = new CheckpointBook({ db: database.db, keys: new LogKeys({ data }), data });
    expect(await restarted.current(database.workspaceId)).toBe(notes.at(-1));
    expect(await inFile()).toEqual(notes);
  });

  it("proves an event up to the last checkpoint when that has it, else up to a new one", async () => {
    const last = await book.current(database.workspaceId);
    await append(10);
    const old = await book.prove(database.workspaceId, 12);
    expect(old.checkpoint).toBe(last);
    const fresh = await book.prove(database.workspaceId, written);
    expect(fresh.size).toBe(written);
    for (const proof of [old, fresh]) {
      const { size, root } = parseCheckpoint(proof.checkpoint ?? "");
      const path = proof.proof.map((hash) => Buffer.from(hash, "hex"));
      expect(inclusionHolds(Buffer.from(proof.leafHash, "hex"), proof.leafIndex, size, path, root)).toBe(true);
    }
  });

  it("signs by itself what has grown and was not signed for a while", async () => {
    await append(3);
    const before = (await inDatabase()).length;
    await book.signRegularly();
    expect(await inDatabase()).toHaveLength(before);
    await database.ownerDb.query("update log_checkpoint set signed_at = signed_at - interval '11 minutes'");
    await book.signRegularly();
    await book.signRegularly();
    expect(await inDatabase()).toHaveLength(before + 1);
  });

  it("refuses to sign when the file knows of more events than the log has", async () => {
    const file = checkpointFile(data, "main");
    const kept = readFileSync(file);
    const stranger = noteSigner("daybook/0badcafe/main", Buffer.alloc(32, 1));
    const later = { origin: stranger.name, size: written + 50, root: Buffer.alloc(32), extensions: [] };
    await append(1);
    await appendToCheckpointFile(file, signCheckpoint(later, [stranger]));
    await expect(book.current(database.workspaceId)).rejects.toThrow(`but the log has ${written}. If the database was`);
    rmSync(file);
    appendFileSync(file, kept);
    expect(parseCheckpoint(await book.current(database.workspaceId)).size).toBe(written);
  });

  it("refuses to sign a log whose events before the last checkpoint were changed with the tree", async () => {
    await append(1);
    const kept = await database.ownerDb.query("select frontier from log_head");
    await database.ownerDb.query("update log_head set frontier = set_byte(frontier, 5, get_byte(frontier, 5) # 1)");
    await expect(book.current(database.workspaceId)).rejects.toThrow(/does not begin with the \d+ events/);
    await database.ownerDb.query("update log_head set frontier = $1", [kept.rows[0]?.frontier]);
    await book.current(database.workspaceId);
  });
});

describe("the file of checkpoints", () => {
  it("passes over half a note that a crash left at the end", async () => {
    const directory = mkdtempSync(join(tmpdir(), "daybook-file-"));
    const file = join(directory, "log", "checkpoints-main.txt");
    expect(await lastInCheckpointFile(file)).toBeUndefined();
    const signers = [noteSigner("a", Buffer.alloc(32, 1)), noteSigner("b", Buffer.alloc(32, 2))];
    const notes = Array.from({ length: 400 }, (_, size) =>
      signCheckpoint({ origin: "a", size, root: Buffer.alloc(32, size % 256), extensions: [] }, signers),
    );
    for (const note of notes) await appendToCheckpointFile(file, note);
    const read = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const note of readCheckpointFile(file)) found.push(note);
      return found;
    };
    expect(await read()).toEqual(notes);
    const torn = notes[7] ?? "";
    for (const length of [3, torn.indexOf("\n\n") + 1, torn.indexOf("\n\n") + 2, torn.length - 20, torn.length - 1]) {
      appendFileSync(file, torn.slice(0, length));
      expect(await read()).toEqual(notes);
      expect(await lastInCheckpointFile(file)).toBe(notes.at(-1));
      const next = notes[length % 100] ?? "";
      await appendToCheckpointFile(file, next);
      notes.push(next);
      expect(await read()).toEqual(notes);
      expect(await lastInCheckpointFile(file)).toBe(next);
    }
    rmSync(directory, { recursive: true });
  });
});
