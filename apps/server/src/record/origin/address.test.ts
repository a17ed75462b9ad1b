import { isIPv6 } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatIpv6, ipv4Number, ipv6Words, normaliseIp } from "./address.ts";

describe("normaliseIp", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    [" 192.0.2.1 ", "192.0.2.1"],
    ["192.0.2.1:8080", "192.0.2.1"],
    ["::ffff:172.21.10.2", "172.21.10.2"],
    ["::FFFF:ac15:0a02", "172.21.10.2"],
    ["[::ffff:192.0.2.1]:443", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["[2001:db8::1]:65535", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
    ["[fe80::1%25en0]:22", "fe80::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["0:0:0:0:0:0:0:0", "::"],
    ["1::", "1::"],
    ["::102:304", "::1.2.3.4"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
  ])("gives the one form of %s", (text, form) => {
    expect(normaliseIp(text)).toBe(form);
  });

  it.each([
    "",
    "unknown",
    "localhost",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "0x7f.0.0.1",
    "1.2.3.4:",
    "1.2.3.4:99999",
    "1.2.3.4%eth0",
    "[1.2.3.4]:80",
    "[2001:db8::1",
    "2001:db8::1]",
    "[2001:db8::1]:99999",
    "[2001:db8::1]x",
    "2001:db8::1::2",
    "2001:db8::g",
    "fe80::1%",
    "10.0.0.0/8",
    `${"1".repeat(200)}`,
    "1.2.3.4, 5.6.7.8",
  ])("takes %j for no address", (text) => {
    expect(normaliseIp(text)).toBeNull();
  });

  it("gives a form that it leaves alone, and that is the same address", () => {
    const word = fc.oneof(fc.constant(0), fc.nat(0xffff));
    fc.assert(
      fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), (address) => {
        const long = address.map((w) => w.toString(16).padStart(4, "0")).join(":");
        const form = normaliseIp(long) ?? "";
        expect(normaliseIp(form)).toBe(form);
        if (isIPv6(form)) expect(ipv6Words(form)).toEqual(address);
        else expect(ipv4Number(form)).toBe((address[6] ?? 0) * 65_536 + (address[7] ?? 0));
        // The URL standard serialises IPv6 by RFC 5952 without dotted tails.
        if (!form.includes(".")) expect(`[${form}]`).toBe(new URL(`http://[${long}]`).hostname);
      }),
    );
  });
});

it("formats the words that it reads", () => {
  expect(formatIpv6(ipv6Words("2001:db8::c0a8:1"))).toBe("2001:db8::c0a8:1");
  expect(ipv6Words("::192.0.2.1")).toEqual([0, 0, 0, 0, 0, 0, 0xc000, 0x201]);
});
