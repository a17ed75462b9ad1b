import { expect, test } from "vitest";
import { blockIncludes, formatAddressBlock, parseAddress, parseAddressBlock } from "./address.ts";

test.each([
  ["203.0.113.9", [203, 0, 113, 9]],
  ["::ffff:203.0.113.9", [203, 0, 113, 9]],
  ["::ffff:cb00:7109", [203, 0, 113, 9]],
  ["::1", [...Array(15).fill(0), 1]],
  ["2001:db8::", [0x20, 1, 0xd, 0xb8, ...Array(12).fill(0)]],
  ["1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
  ["64:ff9b::192.0.2.33", [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, 192, 0, 2, 33]],
])("%s is read", (text, bytes) => {
  expect(parseAddress(text)).toEqual(bytes);
});

test.each([
  "",
  "1.2.3",
  "1.2.3.256",
  "01.2.3.4",
  "1::2::3",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "g::",
  "1.2.3.4::",
  "::1.2.3",
  "fe80::1%eth0",
  ":::",
])("'%s' is no address", (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each([
  ["203.0.113.0/24", "203.0.113.255", true],
  ["203.0.113.0/24", "203.0.114.0", false],
  ["203.0.112.0/23", "203.0.113.1", true],
  ["203.0.112.0/23", "203.0.114.1", false],
  ["0.0.0.0/0", "1.2.3.4", true],
  ["0.0.0.0/0", "::1", false],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["::ffff:10.0.0.0/104", "10.9.9.9", true],
])("%s holds %s: %s", (block, address, expected) => {
  const parsed = parseAddressBlock(block);
  expect(parsed !== undefined && blockIncludes(parsed, parseAddress(address) ?? [])).toBe(expected);
});

test("a block is written with its prefix length", () => {
  const texts = ["10.1.2.3", "2001:db8::/32"].map((text) =>
    formatAddressBlock(parseAddressBlock(text) ?? { bytes: [], bits: 0 }),
  );
  expect(texts).toEqual(["10.1.2.3/32", "2001:db8:0:0:0:0:0:0/32"]);
});
