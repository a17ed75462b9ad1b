import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** Every metric of this process. A domain adds its own: `new Counter({ …, registers: [metrics] })`, at module level. */
export const metrics = new Registry();

/** How long requests take, by route (never by address: their number has no bound). */
const requestSeconds = new Histogram({
  name: "daybook_http_request_seconds",
  help: "Time from the request's arrival to the end of the reply.",
  labelNames: ["method", "route", "status"],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  registers: [metrics],
});

let collecting = false;

/** Starts to collect what the process itself tells (memory, event loop, garbage collection). */
export function collectProcessMetrics(): void {
  if (collecting) return;
  collecting = true;
  collectDefaultMetrics({ register: metrics });
}

export function countRequest(method: string, route: string, status: number, seconds: number): void {
  requestSeconds.observe({ method, route, status: String(status) }, seconds);
}
