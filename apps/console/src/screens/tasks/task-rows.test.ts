import type { Task, TaskStatus } from "@daybook/contract";
import { expect, test } from "vitest";
import { TaskRows } from "./task-rows.ts";

const task = (n: number, status: TaskStatus = "running", progress = 0): Task => ({
  id: `0198f0c2-0000-7000-8000-${String(n).padStart(12, "0")}`,
  type: "instance.deploy",
  title: `Deploy ${n}`,
  status,
  progress,
  executor: "reported",
  targets: [],
  attempt: 1,
  attemptsMax: 1,
  retryable: false,
  queuedAt: new Date(1_790_000_000_000 + n * 1000).toISOString(),
  lineCount: 0,
});
const numbers = (rows: TaskRows) => rows.state().rows.map((each) => Number(each.id.slice(-12)));

test("a task that changes is replaced in its place, and no other row is", () => {
  const rows = new TaskRows({});
  rows.read([task(3), task(2), task(1)], false);
  const [first, , last] = rows.state().rows;
  rows.take(task(2, "running", 40));
  rows.take(task(2, "completed", 100));
  rows.settle();
  expect(rows.state().rows.map((each) => each.progress)).toEqual([0, 100, 0]);
  expect(rows.state().rows[0]).toBe(first);
  expect(rows.state().rows[2]).toBe(last);
});

test("a new task goes on top of a table that follows, and is announced over one that is read", () => {
  const rows = new TaskRows({});
  rows.read([task(2), task(1)], false);
  rows.take(task(3));
  rows.settle();
  expect(numbers(rows)).toEqual([3, 2, 1]);
  rows.follows = () => false;
  rows.take(task(4));
  rows.take(task(5));
  rows.settle();
  expect(numbers(rows)).toEqual([3, 2, 1]);
  expect(rows.state().waiting).toBe(2);
  expect(rows.reveal()).toBe(true);
  expect(numbers(rows)).toEqual([5, 4, 3, 2, 1]);
  expect(rows.state().waiting).toBe(0);
});

test("a task that leaves the filter stays where it is while it is read, and goes when the table follows again", () => {
  const rows = new TaskRows({ status: "running" });
  rows.follows = () => false;
  rows.read([task(2), task(1)], false);
  rows.take(task(1, "completed"));
  rows.settle();
  expect(numbers(rows)).toEqual([2, 1]);
  rows.follows = () => true;
  rows.take(task(2, "running", 1));
  rows.settle();
  expect(numbers(rows)).toEqual([2]);
});

test("a task that comes into the filter stands where its time puts it, unless that is in a page not read yet", () => {
  const rows = new TaskRows({ status: "failed" });
  rows.read([task(9, "failed"), task(5, "failed")], true);
  rows.take(task(7, "failed"));
  rows.take(task(2, "failed"));
  rows.settle();
  expect(numbers(rows)).toEqual([9, 7, 5]);
});

test("a new task without the words that are searched is none of the table's", () => {
  const rows = new TaskRows({ q: "deploy 7" });
  rows.read([], false);
  rows.take(task(6));
  rows.take(task(7));
  rows.settle();
  expect(numbers(rows)).toEqual([7]);
});

test("what was told while a page was read is newer than the page", () => {
  const rows = new TaskRows({});
  rows.read([task(3)], true);
  rows.take(task(1, "completed", 100));
  rows.settle();
  rows.read([task(3), task(2), task(1, "running", 10)], false);
  expect(rows.state().rows.at(-1)?.status).toBe("completed");
});

test("more new tasks than are kept are not shown one by one", () => {
  const rows = new TaskRows({});
  rows.follows = () => false;
  rows.read([task(1)], false);
  for (let n = 2; n < 2_100; n++) rows.take(task(n));
  rows.settle();
  expect(rows.state().overflow).toBe(true);
  expect(rows.reveal()).toBe(false);
});
