import type { Credit } from "@daybook/contract";
import { type Agent, agentOf } from "./browser.ts";
import { GeoData, type GeoOptions, type Place } from "./geo.ts";
import { RecentMap } from "./recent-map.ts";

export type { OverlayNetwork, Place } from "./geo.ts";

/** Addresses and user agents remembered: some 200 bytes each, and an attack from a million addresses holds no more. */
const PLACES_MAX = 20_000;
const AGENTS_MAX = 4_000;

export type OriginOptions = Omit<GeoOptions, "onChange">;

/** What an event's address and user agent say about where it came from. Both look-ups are on the path of every event. */
export class OriginLookup {
  readonly #geo: GeoData;
  readonly #places: RecentMap<string, Place>;
  readonly #agents = new RecentMap<string, Agent>(AGENTS_MAX);

  private constructor(geo: GeoData, places: RecentMap<string, Place>) {
    this.#geo = geo;
    this.#places = places;
  }

  static async open(options: OriginOptions): Promise<OriginLookup> {
    const places = new RecentMap<string, Place>(PLACES_MAX);
    return new OriginLookup(await GeoData.open({ ...options, onChange: () => places.clear() }), places);
  }

  /** Await it before the first event: until then addresses have a country but no network. See `GeoData.ready`. */
  get ready(): Promise<void> {
    return this.#geo.ready;
  }

  /** Country and network of an address in the form of normaliseIp; what is not known is absent. */
  locate(ip: string): Place {
    const known = this.#places.get(ip);
    if (known !== undefined) return known;
    const place = Object.freeze(this.#geo.find(ip));
    this.#places.set(ip, place);
    return place;
  }

  /** Browser (or program) and operating system of a user agent; what is not known is absent. */
  browser(userAgent: string): Agent {
    const known = this.#agents.get(userAgent);
    if (known !== undefined) return known;
    const agent = Object.freeze(agentOf(userAgent));
    this.#agents.set(userAgent, agent);
    return agent;
  }

  /** Whom the data comes from, as data and as the one line that screens show. */
  get credits(): Credit[] {
    return this.#geo.credits;
  }

  get credit(): string {
    return [...new Set(this.credits.map(({ text, url }) => (url === "" ? text : `${text}, ${url}`)))].join(" · ");
  }

  /** Looks at once whether the operator's geo files have changed; otherwise that is seen within seconds. */
  async check(): Promise<void> {
    await this.#geo.check();
  }

  close(): void {
    this.#geo.close();
  }
}
