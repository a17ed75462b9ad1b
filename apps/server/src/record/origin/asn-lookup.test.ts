import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { formatIpv6, ipv4Number } from "./address.ts";
import { AsnLookup } from "./asn-lookup.ts";
import { packAsn } from "./asn-pack.ts";

const directory = mkdtempSync(join(tmpdir(), "daybook-asn-test-"));
afterAll(() => rmSync(directory, { recursive: true }));

function pack(v4: string[], v6: string[] = []): Buffer {
  const ipv4Csv = join(directory, "v4.csv");
  const ipv6Csv = join(directory, "v6.csv");
  writeFileSync(ipv4Csv, v4.join("\n"));
  writeFileSync(ipv6Csv, `${v6.join("\r\n")}\r\n`);
  return packAsn({ ipv4Csv, ipv6Csv, stamp: "test 1" });
}

const v4Text = (n: number) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join(".");

describe("the packed networks", () => {
  const lookup = new AsnLookup(
    pack(
      [
        '16777216,16777471,64500,"Quoted, ""Inc."""',
        "16777472,16777727,64500,again",
        "16778240,16778240,64501,One­ Ltd ",
        "4294967040,4294967295,64502,",
      ],
      [
        "2001:db8::,2001:db8:0:ffff:ffff:ffff:ffff:ffff,64503,Six",
        "2001:db8:2::1,2001:db8:2::1,64501,x",
        "ffff::,ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff,64502,y",
      ],
    ),
  );

  it("finds both ends of a range and nothing beside it", () => {
    expect(lookup.find("0.255.255.255")).toBeUndefined();
    expect(lookup.find("1.0.0.0")).toEqual({ asn: 64500, network: 'Quoted, "Inc."' });
    expect(lookup.find("1.0.1.255")?.asn).toBe(64500);
    expect(lookup.find("1.0.2.0")).toBeUndefined();
    expect(lookup.find("1.0.4.0")).toEqual({ asn: 64501, network: "One Ltd" });
    expect(lookup.find("1.0.4.1")).toBeUndefined();
    expect(lookup.find("255.255.255.255")).toEqual({ asn: 64502 });
  });

  it("finds IPv6 to the last bit", () => {
    expect(lookup.find("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff")).toBeUndefined();
    expect(lookup.find("2001:db8::")).toEqual({ asn: 64503, network: "Six" });
    expect(lookup.find("2001:db8:0:ffff:ffff:ffff:ffff:ffff")?.asn).toBe(64503);
    expect(lookup.find("2001:db8:1::")).toBeUndefined();
    expect(lookup.find("2001:db8:2::")).toBeUndefined();
    expect(lookup.find("2001:db8:2::1")?.asn).toBe(64501);
    expect(lookup.find("2001:db8:2::2")).toBeUndefined();
    expect(lookup.find("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")?.asn).toBe(64502);
    expect(lookup.find("::")).toBeUndefined();
  });

  it("says what it was packed from", () => {
    expect(lookup.stamp).toBe("test 1");
    expect(lookup.counts.networks).toBe(4);
  });
});

it("answers as a plain search through the list does", () => {
  const sizes = fc.array(
    fc.record({ gap: fc.nat(3), size: fc.integer({ min: 1, max: 4 }), asn: fc.integer({ min: 1, max: 4 }) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(sizes, fc.constantFrom(0, 0x0a000000, 0xfffffe00), (ranges, base) => {
      let next = base;
      const list = ranges.map(({ gap, size, asn }) => {
        const start = next + gap;
        next = start + size;
        return { start, end: next - 1, asn };
      });
      const v6 = (n: number) => formatIpv6([0x2001, 0xdb8, 0, 0, 0, 0xffff, n >>> 16, n & 0xffff]);
      const lookup = new AsnLookup(
        pack(
          list.map((r) => `${r.start},${r.end},${r.asn},n${r.asn}`),
          list.map((r) => `${v6(r.start)},${v6(r.end)},${r.asn},n${r.asn}`),
        ),
      );
      for (let n = Math.max(0, base - 2); n < next + 3; n++) {
        const found = list.find((r) => r.start <= n && n <= r.end);
        expect(lookup.find(v4Text(n))?.asn).toBe(found?.asn);
        expect(lookup.find(v6(n))?.asn).toBe(found?.asn);
        expect(ipv4Number(v4Text(n))).toBe(n);
      }
    }),
    { numRuns: 60 },
  );
});

describe("a damaged pack", () => {
  const whole = pack(["16777216,16777471,64500,A"]);
  it("is refused when it was cut, when one bit changed, and when it is another file", () => {
    expect(() => new AsnLookup(whole.subarray(0, 10))).toThrow("too short");
    expect(() => new AsnLookup(whole.subarray(0, -1))).toThrow("damaged");
    const flipped = Buffer.from(whole);
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    expect(() => new AsnLookup(flipped)).toThrow("damaged");
    expect(() => new AsnLookup(Buffer.alloc(200, "x"))).toThrow("another format");
  });

  it("is read at any alignment", () => {
    const shifted = Buffer.concat([Buffer.from("x"), whole]).subarray(1);
    expect(new AsnLookup(shifted).find("1.0.0.1")?.asn).toBe(64500);
  });
});
