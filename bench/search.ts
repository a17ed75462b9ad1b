import { type BenchServer, type Figure, percentile, round } from "./harness.ts";

/** A question under every key of the query language: frequent, rare, and found nowhere. */
const questions: readonly string[] = [
  "",
  "actor:3",
  "actor:user/4321",
  "actor:person17@customers.example",
  "actor:staff/4950",
  "actor:nobody",
  "action:server.deleted",
  "action:server.*",
  "action:never.happened",
  "target:server/srv-2",
  "target:srv-19990",
  "owner:4888",
  "ip:20.0.0.0",
  "ip:76.140.44.0/24",
  "ip:203.0.113.7",
  "country:DE",
  "country:IS",
  "country:DE,NL,IS",
  "asn:24940",
  "network:Nowhere",
  "outcome:failure",
  "outcome:denied",
  "kind:administrative",
  "kind:system",
  "category:payment",
  "category:router",
  "severity>=high",
  "severity:critical",
  "project:p-9",
  "project:p-299",
  "session:s-4000-3",
  "request:req-5h",
  "field:memoryMb",
  "field:nothing",
  "details.plan:plan-29",
  "details.ticket:T-99999",
  "details.reason:chargeback",
  "reason:no_capacity",
  "auth:ssh",
  "browser:curl*",
  "os:Haiku",
  "-actor:user/0 outcome:failure",
  "actor:3 action:server.deleted",
];

export interface SearchTimes {
  p50: number;
  p99: number;
  slowest: string;
  byQuestion: { question: string; p50: number; worst: number }[];
}

/** Times of the newest page under every key, as a client sees them. */
export async function timePages(server: BenchServer, repeat = 15): Promise<SearchTimes> {
  const all: number[] = [];
  const byQuestion: SearchTimes["byQuestion"] = [];
  for (const question of questions) {
    const times: number[] = [];
    for (let turn = 0; turn < repeat; turn++)
      times.push(await time(server, `/events?limit=50&q=${encodeURIComponent(question)}`));
    all.push(...times);
    byQuestion.push({ question, p50: round(percentile(times, 0.5), 2), worst: round(Math.max(...times), 2) });
  }
  byQuestion.sort((a, b) => b.p50 - a.p50);
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), slowest: byQuestion[0]?.question ?? "", byQuestion };
}

export function pageFigures(size: string, times: SearchTimes): Figure[] {
  const p50 = round(times.p50, 2);
  const p99 = round(times.p99, 2);
  return [
    { what: `newest page under every key, ${size} events, p50`, measured: `${p50} ms`, wanted: "10 ms", met: p50 < 10 },
    {
      what: `newest page under every key, ${size} events, p99`,
      measured: `${p99} ms (slowest: ${times.slowest})`,
      wanted: "50 ms",
      met: p99 < 50,
    },
  ];
}

/** A rare word over everything; facets and histogram of 90 days. */
export async function benchWords(server: BenchServer, rareWord: string): Promise<Figure[]> {
  const words: number[] = [];
  for (let turn = 0; turn < 10; turn++) words.push(await time(server, `/events?q=${rareWord}`));
  const word = percentile(words, 0.5);
  const to = new Date();
  const from = new Date(to.getTime() - 90 * 86_400_000);
  const range = `from=${from.toISOString()}&to=${to.toISOString()}`;
  const counts: number[] = [];
  for (let turn = 0; turn < 10; turn++) {
    const started = performance.now();
    await Promise.all([
      time(server, `/events/facets?${range}&fields=action,actor,target,ip,country,outcome,kind&limit=10`),
      time(server, `/events/histogram?${range}&buckets=60`),
    ]);
    counts.push(performance.now() - started);
  }
  const count = percentile(counts, 0.5);
  return [
    {
      what: "substring search of a rare word over all",
      measured: `${round(word)} ms`,
      wanted: "300 ms",
      met: word < 300,
    },
    { what: "facets and histogram of 90 days", measured: `${round(count)} ms`, wanted: "150 ms", met: count < 150 },
  ];
}

async function time(server: BenchServer, path: string): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${server.base}${path}`, { headers: { authorization: `Bearer ${server.key}` } });
  const body = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${body.slice(0, 300)}`);
  return performance.now() - started;
}
