import type { TaskLine, TaskLines } from "@daybook/contract";
import { expect, test } from "vitest";
import { LineIndex, LineStore } from "./line-store.ts";

const line = (n: number): TaskLine => ({
  n,
  at: new Date(1_790_000_000_000 + n).toISOString(),
  stream: n % 10 === 0 ? "err" : "out",
  attempt: 1,
  text: `line ${n}`,
});

/** An output of so many lines, of which the middle may be folded. */
function output(total: number, folded?: { from: number; count: number }) {
  const asked: { after?: number; before?: number; limit: number }[] = [];
  const kept = (n: number) => !folded || n < folded.from || n >= folded.from + folded.count;
  const read = async (place: { after?: number; before?: number; limit: number }): Promise<TaskLines> => {
    asked.push(place);
    const items: TaskLine[] = [];
    if (place.before !== undefined)
      for (let n = Math.min(place.before, total) - 1; n >= 0 && items.length < place.limit; n--) {
        if (kept(n)) items.unshift(line(n));
      }
    else
      for (let n = (place.after ?? -1) + 1; n < total && items.length < place.limit; n++)
        if (kept(n)) items.push(line(n));
    return { items, total, ...(folded && { folded }) };
  };
  return { asked, read };
}

test("the end is read first, and what comes into sight once", async () => {
  const { asked, read } = output(40_000);
  const store = new LineStore(read, () => store.flush());
  await store.open();
  expect(asked).toHaveLength(1);
  expect(store.rows).toBe(40_000);
  expect(store.get(39_999)?.text).toBe("line 39999");
  expect(store.get(12_345)).toBeUndefined();
  store.want(12_300, 12_400);
  store.want(12_310, 12_410);
  await expect.poll(() => store.get(12_345)?.text).toBe("line 12345");
  expect(asked).toHaveLength(2);
});

test("the folded middle is one row", async () => {
  const { read } = output(130_000, { from: 20_000, count: 30_000 });
  const store = new LineStore(read, () => {});
  await store.open();
  expect(store.rows).toBe(100_001);
  expect(store.lineOfRow(19_999)).toBe(19_999);
  expect(store.lineOfRow(20_000)).toBeNull();
  expect(store.lineOfRow(20_001)).toBe(50_000);
  for (const row of [0, 19_999, 20_001, 100_000]) expect(store.rowOfLine(store.lineOfRow(row) ?? -1)).toBe(row);
});

test("lines of the stream join those that were read", async () => {
  const { read } = output(1_500);
  const store = new LineStore(read, () => {});
  await store.open();
  store.add([line(1_500), line(1_501)]);
  expect(store.rows).toBe(1_502);
  expect(store.get(1_501)?.text).toBe("line 1501");
  expect(store.state().complete).toBe(false);
  await store.wantAll();
  expect(store.state().complete).toBe(true);
  expect(store.get(0)?.text).toBe("line 0");
});

test("an index finds what passes, also over the folded middle and in what comes later", async () => {
  const { read } = output(30_000, { from: 100, count: 20_000 });
  const store = new LineStore(read, () => {});
  await store.open();
  await store.wantAll();
  const index = new LineIndex(store, ({ stream }) => stream === "err");
  index.extend();
  expect(index.ns).toHaveLength(10 + 990);
  expect(index.ns[10]).toBe(20_100);
  store.add([line(30_000)]);
  index.extend();
  index.extend();
  expect(index.ns.at(-1)).toBe(30_000);
  expect(index.ns).toHaveLength(1_001);
});

test("a short output is complete with its end; a failure is told, and the next try may work", async () => {
  const { read } = output(3);
  let broken = true;
  const store = new LineStore(
    (place) => (broken ? Promise.reject(new Error("no network")) : read(place)),
    () => {},
  );
  await store.open();
  expect(store.state().error).toBeInstanceOf(Error);
  broken = false;
  await store.open();
  expect(store.state()).toMatchObject({ total: 3, complete: true, error: undefined });
});
