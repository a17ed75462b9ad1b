import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clientIp, parseTrustedProxies } from "./client-ip.ts";
import { explainOrigin } from "./origin-test.ts";

const trusted = parseTrustedProxies(["loopback", "10.0.0.0/8"]);

describe("explainOrigin", () => {
  test("tells the way through trusted proxies, and what was not read", () => {
    const headers = { "x-forwarded-for": "6.6.6.6, 203.0.113.9, 10.0.0.2" };
    const told = explainOrigin("::ffff:127.0.0.1", headers, trusted);
    expect(told.sentence).toBe("This request came from 203.0.113.9 through 10.0.0.2 and 127.0.0.1.");
    expect(told.hops.map(({ ip, trusted, read }) => ({ ip, trusted, read }))).toEqual([
      { ip: "127.0.0.1", trusted: true, read: true },
      { ip: "10.0.0.2", trusted: true, read: true },
      { ip: "203.0.113.9", trusted: false, read: true },
      { ip: "6.6.6.6", trusted: false, read: false },
    ]);
    expect(told.why).toContain("What stands left of it was not read");
    expect(told.advice).toBeUndefined();
  });

  test("says what to set when an unknown proxy sends a header", () => {
    const told = explainOrigin("192.0.2.1", { "x-forwarded-for": "203.0.113.9" }, trusted);
    expect(told).toMatchObject({ clientIp: "192.0.2.1", headers: { "x-forwarded-for": "203.0.113.9" } });
    expect(told.hops[1]).toMatchObject({ read: false, trusted: false });
    expect(told.advice).toContain("DAYBOOK_TRUSTED_PROXIES=192.0.2.1");
  });

  test("says when the proxy sends nothing, and when it hides the address", () => {
    expect(explainOrigin("127.0.0.1", {}, trusted).why).toContain("sent neither X-Forwarded-For nor Forwarded");
    const hidden = explainOrigin("127.0.0.1", { forwarded: "for=203.0.113.9, for=_hidden" }, trusted);
    expect(hidden).toMatchObject({ clientIp: "127.0.0.1", sentence: "This request came from 127.0.0.1, directly." });
    expect(hidden.why).toContain('"_hidden" is no address');
  });

  test("is about the address that events get, whatever is sent", () => {
    const address = fc.constantFrom("10.0.0.1", "127.0.0.1", "203.0.113.9", "unknown", "_x", "", "2001:db8::1");
    fc.assert(
      fc.property(address, fc.array(address), fc.boolean(), (peer, hops, modern) => {
        const headers = modern
          ? { forwarded: hops.map((hop) => `for="${hop}"`).join(", ") }
          : { "x-forwarded-for": hops.join(",") };
        const told = explainOrigin(peer, headers, trusted);
        expect(told.clientIp).toBe(clientIp(peer, headers, trusted));
        const certain = told.hops.filter((hop) => hop.read && hop.ip !== null);
        expect(certain.at(-1)?.ip ?? "").toBe(told.clientIp);
      }),
    );
  });
});
