import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normaliseIp } from "./address.ts";
import { clientIp, parseTrustedProxies } from "./client-ip.ts";

const proxies = parseTrustedProxies(["loopback", "private", "198.51.100.0/24", "2001:db8:1::/48"]);
const viaXff = (value: string | string[], peer = "10.0.0.1") =>
  clientIp(peer, { "x-forwarded-for": value as string }, proxies);
const viaForwarded = (value: string, peer = "10.0.0.1") => clientIp(peer, { forwarded: value }, proxies);

describe("the client's address", () => {
  it("is the peer when no proxy is trusted, whatever the headers say", () => {
    const none = parseTrustedProxies([]);
    const headers = { "x-forwarded-for": "203.0.113.9", forwarded: "for=203.0.113.9" };
    expect(clientIp("10.0.0.1", headers, none)).toBe("10.0.0.1");
  });

  it("is the peer when the peer is not a trusted proxy", () => {
    expect(viaXff("203.0.113.9", "192.0.2.4")).toBe("192.0.2.4");
    expect(viaForwarded("for=203.0.113.9", "192.0.2.4")).toBe("192.0.2.4");
  });

  it("unmaps and cleans the peer", () => {
    expect(clientIp("::ffff:192.0.2.4", {}, proxies)).toBe("192.0.2.4");
    expect(clientIp("fe80::1%eth0", {}, proxies)).toBe("fe80::1");
    expect(clientIp(undefined, { "x-forwarded-for": "203.0.113.9" }, proxies)).toBe("");
  });

  it("is the right-most untrusted hop of X-Forwarded-For", () => {
    expect(viaXff("203.0.113.9")).toBe("203.0.113.9");
    expect(viaXff("1.1.1.1, 203.0.113.9, 198.51.100.7, 10.2.3.4")).toBe("203.0.113.9");
    expect(viaXff(["1.1.1.1", "203.0.113.9, 10.2.3.4"])).toBe("203.0.113.9");
    expect(viaXff("2001:db8::9", "::ffff:10.0.0.1")).toBe("2001:db8::9");
    expect(viaXff("2001:DB8:0::9, 2001:db8:1::2")).toBe("2001:db8::9");
  });

  it("is the left-most proxy when all hops are trusted", () => {
    expect(viaXff("10.0.0.9, 198.51.100.7")).toBe("10.0.0.9");
    expect(viaXff("")).toBe("10.0.0.1");
    expect(viaXff(" , ,")).toBe("10.0.0.1");
  });

  it("drops ports, brackets and zone ids of hops", () => {
    expect(viaXff("203.0.113.9:51812")).toBe("203.0.113.9");
    expect(viaXff("[2001:db8::9]:443")).toBe("2001:db8::9");
    expect(viaXff("::ffff:203.0.113.9")).toBe("203.0.113.9");
    expect(viaXff("fe80::9%eth1")).toBe("fe80::9");
  });

  it("stops at the first malformed hop and keeps the last certain address", () => {
    expect(viaXff("203.0.113.9, not-an-ip, 198.51.100.7")).toBe("198.51.100.7");
    expect(viaXff("203.0.113.9, unknown")).toBe("10.0.0.1");
    expect(viaXff("203.0.113.9, 1.2.3.4.5")).toBe("10.0.0.1");
    expect(viaXff("203.0.113.9 8.8.8.8")).toBe("10.0.0.1");
  });

  it("reads Forwarded by RFC 7239", () => {
    expect(viaForwarded("for=203.0.113.9")).toBe("203.0.113.9");
    expect(viaForwarded('For="[2001:db8:cafe::17]:4711"')).toBe("2001:db8:cafe::17");
    expect(viaForwarded("for=203.0.113.9;proto=http;by=203.0.113.43")).toBe("203.0.113.9");
    expect(viaForwarded('proto=https;host="a,b;c";for="203.0.113.9:47011"')).toBe("203.0.113.9");
    expect(viaForwarded('for=1.1.1.1, for=203.0.113.9, for="198.51.100.7:_web"')).toBe("203.0.113.9");
    expect(viaForwarded('for="203.0.113.\\9"')).toBe("203.0.113.9");
    expect(viaForwarded("for=[2001:db8::17]:80")).toBe("2001:db8::17");
  });

  it("stops at unknown, obfuscated and malformed elements of Forwarded", () => {
    expect(viaForwarded("for=203.0.113.9, for=unknown")).toBe("10.0.0.1");
    expect(viaForwarded("for=203.0.113.9, for=_gazonk")).toBe("10.0.0.1");
    expect(viaForwarded("for=203.0.113.9, proto=https")).toBe("10.0.0.1");
    expect(viaForwarded("for=203.0.113.9;for=1.1.1.1")).toBe("10.0.0.1");
    expect(viaForwarded("for=203.0.113.9, for=1.1.1.1 x=y")).toBe("10.0.0.1");
    expect(viaForwarded("203.0.113.9")).toBe("10.0.0.1");
    expect(viaForwarded('for="203.0.113.9')).toBe("10.0.0.1");
  });

  it("prefers X-Forwarded-For when both are there", () => {
    const headers = { "x-forwarded-for": "203.0.113.9", forwarded: "for=192.0.2.66" };
    expect(clientIp("127.0.0.1", headers, proxies)).toBe("203.0.113.9");
    expect(clientIp("127.0.0.1", { ...headers, "x-forwarded-for": " " }, proxies)).toBe("192.0.2.66");
  });
});

describe("the trusted proxies", () => {
  it("take addresses, ranges and names", () => {
    const trusted = parseTrustedProxies([" 192.0.2.1 ", "10.1.0.0/16", "::ffff:198.51.100.0/120", "Loopback", ""]);
    expect(trusted.list).toEqual(["192.0.2.1", "10.1.0.0/16", "::ffff:198.51.100.0/120", "Loopback"]);
    for (const ip of ["192.0.2.1", "10.1.255.255", "198.51.100.200", "127.8.8.8", "::1"])
      expect(trusted.has(ip)).toBe(true);
    for (const ip of ["192.0.2.2", "10.2.0.0", "198.51.101.1", "192.168.0.1", "::2"])
      expect(trusted.has(ip)).toBe(false);
  });

  it.each(["10.0.0.0/33", "10.0.0/8", "proxy.example", "2001:db8::/129", "10.0.0.0/8/8", "10.0.0.0/", "1.2.3.4/-1"])(
    "refuse %s by name",
    (entry) => {
      expect(() => parseTrustedProxies(["loopback", entry])).toThrow(`"${entry}" is not an address`);
    },
  );
});

describe("an attacker who writes the left part of a header", () => {
  const attack = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.string({
      unit: fc.constantFrom('"', "\\", ",", ";", "=", "f", "o", "r", "1", ".", ":", "[", "]", " "),
      maxLength: 40,
    }),
    fc.ipV4(),
    fc.ipV6(),
    fc
      .array(fc.oneof(fc.ipV4(), fc.constant("10.0.0.7"), fc.constant("unknown")), { maxLength: 8 })
      .map((a) => a.join(", ")),
  );
  const client = fc.constantFrom("203.0.113.9", "2001:db8::9");
  const chain = fc.array(fc.constantFrom("10.0.0.5", "198.51.100.7", "2001:db8:1::2"), { maxLength: 4 });

  it("cannot change the result through X-Forwarded-For", () => {
    fc.assert(
      fc.property(attack, client, chain, (left, ip, hops) => {
        expect(viaXff([left, ip, ...hops].join(", "))).toBe(ip);
      }),
      { numRuns: 1000 },
    );
  });

  it("cannot change the result through Forwarded", () => {
    fc.assert(
      fc.property(attack, client, chain, fc.boolean(), (left, ip, hops, quoted) => {
        const element = (hop: string) => {
          const node = hop.includes(":") ? `[${hop}]` : hop;
          return quoted || hop.includes(":") ? `for="${node}:443";proto=https` : `proto=https;for=${node}`;
        };
        expect(viaForwarded([left, ...[ip, ...hops].map(element)].join(", "))).toBe(ip);
      }),
      { numRuns: 1000 },
    );
  });

  it("gets an address in its one form or the peer's, never a made-up text", () => {
    fc.assert(
      fc.property(attack, attack, (xff, forwarded) => {
        const ip = clientIp("10.0.0.1", { "x-forwarded-for": xff, forwarded }, proxies);
        expect(normaliseIp(ip)).toBe(ip);
      }),
    );
  });
});
