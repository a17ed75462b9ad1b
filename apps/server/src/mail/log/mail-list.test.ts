import { type MailFilter, type MailMessage, mailClasses, mailStatuses } from "@daybook/contract";
import {
  addWorkspace,
  apiKey,
  type SampleMail,
  sampleMail,
  signedInClient,
  type TestApp,
  testApp,
} from "@daybook/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { maskText } from "../../record/personal.ts";
import { createMailPartitions } from "../mail-partitions.ts";
import { type MailRow, mailStatusOf } from "../mail-row.ts";
import { listMails } from "./mail-list.ts";

const DAY_MS = 86_400_000;
const now = Date.parse("2026-11-20T10:00:00.000Z");
let server: TestApp;
let headers: Record<string, string>;

const templates = ["invoice", "welcome", "password-reset"];

beforeAll(async () => {
  server = await testApp({ clock: () => now });
  ({ headers } = await apiKey(server.deps));
  // The last months have partitions of their own: what is older is in the default one.
  await createMailPartitions(server.deps.ownerDb, now - 70 * DAY_MS);
  for (let n = 0; n < 120; n++) {
    const isFailed = n % 4 === 0;
    await sampleMail(server.deps, {
      queuedAtMs: now - (119 - n) * DAY_MS,
      subject: `Mail ${n} of host${n % 7}, 100%`,
      template: templates[n % 3] ?? "",
      status: isFailed ? "bounced" : "delivered",
      ...(isFailed ? { class: n % 8 === 0 ? "mailbox_full" : "recipient_refused", answer: `550 no vol${n}` } : {}),
      to: { address: `Person${n % 10}@d${n % 6}.example`, name: "Lee Chen" },
      user: { id: `${n % 5}` },
      targets: [{ type: "server", id: `srv-${n % 10}` }],
      delivery: n % 9 === 0 ? "relay" : "daybook",
      transport: n % 11 === 0 ? "backup" : "main",
    });
  }
});
afterAll(() => server.close());

interface Listed {
  items: MailMessage[];
  nextCursor: string | null;
  total: { value: number; relation: string };
}

async function list(query: string): Promise<Listed> {
  const reply = await server.app.inject({ method: "GET", url: `/api/v1/mail/messages?${query}`, headers });
  expect(reply.statusCode, reply.body).toBe(200);
  return reply.json();
}

/** The numbers of the mails that a filter finds, over pages of seven. */
async function numbers(query: string): Promise<number[]> {
  const found: number[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await list(`${query}&limit=7${cursor === "" ? "" : `&cursor=${cursor}`}`);
    found.push(...page.items.map((mail) => Number(/\d+/.exec(mail.subject)?.[0])));
    cursor = page.nextCursor;
  }
  return found;
}

const all = Array.from({ length: 120 }, (_, n) => 119 - n);

describe("mails are found, the newest first and each once, over months and the default partition,", () => {
  test.each<[string, (n: number) => boolean]>([
    ["", () => true],
    ["status=bounced", (n) => n % 4 === 0],
    ["status=bounced,delivered", () => true],
    ["status=queued", () => false],
    ["template=invoice", (n) => n % 3 === 0],
    ["template=invoice,welcome&status=bounced", (n) => n % 3 !== 2 && n % 4 === 0],
    ["user=3", (n) => n % 5 === 3],
    ["target=server/srv-7", (n) => n % 10 === 7],
    ["address=PERSON4@d4.example", (n) => n % 10 === 4 && n % 6 === 4],
    ["address=@D2.example", (n) => n % 6 === 2],
    ["address=@d2.example&class=mailbox_full", (n) => n % 6 === 2 && n % 8 === 0],
    ["class=mailbox_full,recipient_refused", (n) => n % 4 === 0],
    ["delivery=relay", (n) => n % 9 === 0],
    ["transport=backup&delivery=relay", (n) => n % 99 === 0],
    ["q=HOST3", (n) => n % 7 === 3],
    ["q=host3%20person1", (n) => n % 7 === 3 && n % 10 === 1],
    ["q=vol8&status=bounced", (n) => n === 8 || n === 80 || n === 84 || n === 88],
    ["q=100%25", () => true],
    ["q=nowhere", () => false],
    [`from=${new Date(now - 50 * DAY_MS).toISOString()}`, (n) => n >= 69],
    [`to=${new Date(now - 50 * DAY_MS).toISOString()}`, (n) => n < 69],
  ])("by %s", async (query, fits) => {
    expect(await numbers(query)).toEqual(all.filter(fits));
  });
});

test("the total says whether it is exact, and goes along from page to page", async () => {
  const first = await list("status=bounced&limit=5");
  expect(first.total).toEqual({ value: 30, relation: "eq" });
  expect((await list(`status=bounced&limit=5&cursor=${first.nextCursor}`)).total).toEqual(first.total);
  expect((await list("q=host3&limit=5")).total).toEqual({ value: 5, relation: "gte" });
  expect((await list("q=vol88")).total).toEqual({ value: 1, relation: "eq" });
});

test("values that there are not are refused, and so is a cursor of something else", async () => {
  const ask = (query: string) => server.app.inject({ method: "GET", url: `/api/v1/mail/messages?${query}`, headers });
  const reply = await ask("status=lost");
  expect([reply.statusCode, reply.json().detail]).toEqual([400, expect.stringContaining("queued, sent")]);
  expect((await ask("class=bad_luck")).statusCode).toBe(400);
  expect((await ask("delivery=pigeon")).statusCode).toBe(400);
  expect((await ask("cursor=abc")).json().code).toBe("invalid_cursor");
  expect((await ask("order=asc")).statusCode).toBe(400);
});

test("other workspaces have nothing of it", async () => {
  await addWorkspace(server.deps, "other");
  const other = await apiKey(server.deps, { workspace: "other" });
  const mine = (await list("limit=1")).items[0]?.id;
  const get = (path: string) => server.app.inject({ method: "GET", url: `/api/v1${path}`, headers: other.headers });
  expect((await get("/mail/messages")).json()).toMatchObject({ items: [], total: { value: 0 } });
  expect((await get("/mail/messages?q=host3")).json().items).toEqual([]);
  expect((await get(`/mail/messages/${mine}`)).statusCode).toBe(404);
});

test("without logs.personal recipients are masked, and neither filters nor words find them", async () => {
  const support = await signedInClient(server, { role: "support" });
  const get = (query: string) => support.request("GET", `/mail/messages?${query}`);
  const page: Listed = (await get("status=bounced&limit=5")).json();
  expect(page.items[0]).toMatchObject({ to: { address: "•••", name: "•••" }, from: { address: "•••" } });
  expect(JSON.stringify(page.items)).not.toMatch(/Lee Chen|Person\d|@d\d/);
  expect((await get("q=host3")).json().items).toHaveLength(17);
  expect((await get("q=person1")).json().items).toEqual([]);
  expect((await get("q=chen")).json().items).toEqual([]);
  for (const query of ["address=person4@d4.example", "address=@d2.example", "q=person4@d4", "user=a@b.example"]) {
    const refused = await get(query);
    expect([refused.statusCode, refused.json().permission], query).toEqual([403, "logs.personal"]);
  }
});

const person = fc.constantFrom("dana@acme.example", "lee@acme.example", "Sam@other.example");
const status = fc.constantFrom(...mailStatuses);
const kind = fc.constantFrom(...mailClasses.slice(0, 4));
const template = fc.constantFrom("invoice", "welcome", "alert");
const word = fc.constantFrom("invoice", "Disk", "full", "acme", "lee", "7%", "_");

const mails: fc.Arbitrary<SampleMail> = fc
  .record({
    status,
    to: person.map((address) => ({ address, name: "Somebody Else" })),
    subject: fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => words.join(" ")),
    template: fc.option(template, { nil: undefined }),
    class: fc.option(kind, { nil: undefined }),
    user: fc.option(fc.constantFrom({ id: "1" }, { id: "2" }), { nil: undefined }),
    targets: fc.subarray([
      { type: "server", id: "1" },
      { type: "domain", id: "1" },
    ]),
    delivery: fc.constantFrom("daybook" as const, "relay" as const),
    queuedAtMs: fc.integer({ min: 0, max: 90 }).map((days) => now - days * DAY_MS),
  })
  .map((mail) => Object.fromEntries(Object.entries(mail).filter(([, value]) => value !== undefined)) as SampleMail);

const several = <T extends string>(one: fc.Arbitrary<T>) =>
  fc.uniqueArray(one, { minLength: 1, maxLength: 3 }).map((values) => values.join(","));
const time = fc.integer({ min: 0, max: 90 }).map((days) => new Date(now - days * DAY_MS).toISOString());
const everyFilter = fc.record({
  status: several(status),
  template: several(template),
  class: several(kind),
  user: fc.constantFrom("1", "2", "3"),
  target: fc.constantFrom("server/1", "domain/1", "server/2"),
  address: fc.constantFrom("dana@ACME.example", "@acme.example", "@other.example"),
  delivery: fc.constantFrom("daybook", "relay", "relay,daybook"),
  q: fc.array(word, { minLength: 1, maxLength: 2 }).map((words) => words.join(" ")),
  from: time,
  to: time,
});
/** Of at most three members: of more hardly a mail is left. */
const filters: fc.Arbitrary<MailFilter> = everyFilter.chain((filter) =>
  fc
    .subarray(Object.keys(filter) as (keyof typeof filter)[], { maxLength: 3 })
    .map((names) => Object.fromEntries(names.map((name) => [name, filter[name]]))),
);

/** The same by looking at every mail. */
function fits(row: MailRow, filter: MailFilter): boolean {
  const among = (values: string | undefined, value: string | null) =>
    values === undefined || (value !== null && values.split(",").includes(value));
  const { address, q } = filter;
  const key = row.to_address.toLowerCase();
  const texts = [row.subject, row.template, row.class, row.to_address, row.to_name, row.from_address, row.from_name];
  const ids = [row.user_id, row.id, row.message_id, ...row.targets.map(({ id }) => id)];
  const body = [...texts, ...ids].join(" ").toLowerCase();
  return (
    among(filter.status, mailStatusOf(row)) &&
    among(filter.template, row.template) &&
    among(filter.class, row.class) &&
    among(filter.delivery, row.delivery === 1 ? "relay" : "daybook") &&
    (filter.user === undefined || row.user_id === filter.user) &&
    (filter.target === undefined || row.targets.some(({ type, id }) => `${type}/${id}` === filter.target)) &&
    (address === undefined || (address.startsWith("@") ? key.endsWith(address) : key === address.toLowerCase())) &&
    (q === undefined || q.split(" ").every((each) => body.includes(each.toLowerCase()))) &&
    (filter.from === undefined || Number(row.queued_at) >= Date.parse(filter.from)) &&
    (filter.to === undefined || Number(row.queued_at) < Date.parse(filter.to))
  );
}

test("a list finds what a look at every mail finds, for mails and filters of every kind", async () => {
  const workspaceId = await addWorkspace(server.deps, "property");
  const rows: MailRow[] = [];
  for (const mail of fc.sample(mails, { numRuns: 200, seed: 11 }))
    rows.push(await sampleMail(server.deps, { ...mail, workspaceId }));
  const idsOf = (found: MailRow[]) => found.map(({ id }) => id).sort();
  let found = 0;
  for (const filter of fc.sample(filters, { numRuns: 250, seed: 12 })) {
    const question = { filter, limit: 500, personal: true };
    const page = await listMails(server.deps.db, workspaceId, question);
    const expected = rows.filter((row) => fits(row, filter));
    expect(idsOf(page.rows), JSON.stringify(filter)).toEqual(idsOf(expected));
    expect(page.total).toEqual({ value: expected.length, relation: "eq" });
    found += expected.length;
  }
  expect(found).toBeGreaterThan(1_000);
});

test("without logs.personal words find what can be read, and nothing else", async () => {
  const workspaceId = await addWorkspace(server.deps, "masked");
  const subjects = ["For dana@acme.example and others", "Disk full at 10.0.0.7", "acme"];
  for (const subject of subjects) await sampleMail(server.deps, { workspaceId, subject });
  const idOf = async (q: string) =>
    (await listMails(server.deps.db, workspaceId, { filter: { q }, limit: 10, personal: false })).rows.map((row) =>
      maskText(row.subject),
    );
  expect(await idOf("others")).toEqual(["For ••• and others"]);
  expect(await idOf("acme")).toEqual(["acme"]);
  expect(await idOf("10.0.0.7")).toEqual([]);
  expect(await idOf("dana")).toEqual([]);
  expect(await idOf("billing")).toEqual([]);
});
