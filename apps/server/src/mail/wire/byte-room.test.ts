import { expect, test } from "vitest";
import { ByteRoom } from "./byte-room.ts";

const { signal } = new AbortController();
/** What has been given room, in order. */
function asked(room: ByteRoom, entered: string[], name: string, bytes: number, until = signal) {
  const taken = room.take(bytes, until);
  taken.then(
    () => entered.push(name),
    () => {},
  );
  return taken;
}
const turn = () => new Promise((next) => setImmediate(next));

test("no more than the room is taken, and who came first is first", async () => {
  const room = new ByteRoom(100);
  const entered: string[] = [];
  const first = asked(room, entered, "first", 60);
  asked(room, entered, "second", 50);
  asked(room, entered, "third", 10);
  await turn();
  expect(entered).toEqual(["first"]);
  (await first)();
  await turn();
  expect(entered).toEqual(["first", "second", "third"]);
});

test("what is larger than the room has it to itself", async () => {
  const room = new ByteRoom(100);
  const entered: string[] = [];
  const small = asked(room, entered, "small", 1);
  const large = asked(room, entered, "large", 200);
  await turn();
  expect(entered).toEqual(["small"]);
  (await small)();
  asked(room, entered, "next", 1);
  await turn();
  expect(entered).toEqual(["small", "large"]);
  const free = await large;
  free();
  // Twice frees once.
  free();
  await turn();
  expect(entered).toEqual(["small", "large", "next"]);
});

test("who gives up waiting lets the next one in", async () => {
  const room = new ByteRoom(100);
  const entered: string[] = [];
  const abort = new AbortController();
  asked(room, entered, "first", 60);
  const gone = asked(room, entered, "gone", 60, abort.signal);
  asked(room, entered, "next", 40);
  abort.abort(new Error("stopped"));
  await expect(gone).rejects.toThrow("stopped");
  await turn();
  expect(entered).toEqual(["first", "next"]);
});
