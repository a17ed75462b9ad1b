import { Secret } from "otpauth";
import { expect, test } from "vitest";
import { newTotpSecret, totpCode, totpStep, totpUri } from "./totp.ts";

/** RFC 6238, appendix B, SHA-1, cut from eight digits to six. */
const rfcSecret = new Secret({ buffer: new TextEncoder().encode("12345678901234567890").buffer as ArrayBuffer }).base32;
const rfcVectors: [seconds: number, code: string][] = [
  [59, "287082"],
  [1111111109, "081804"],
  [1111111111, "050471"],
  [1234567890, "005924"],
  [2000000000, "279037"],
  [20000000000, "353130"],
];

test("the codes are those of RFC 6238", () => {
  for (const [seconds, code] of rfcVectors) {
    expect(totpCode(rfcSecret, seconds * 1000)).toBe(code);
    expect(totpStep(rfcSecret, code, seconds * 1000, null)).toBe(Math.floor(seconds / 30));
  }
});

test("a code is taken one step early or late, and no further", () => {
  const secret = newTotpSecret();
  const now = 1_800_000_000_000;
  const step = now / 30_000;
  const takes = (atSteps: number) => totpStep(secret, totpCode(secret, now + atSteps * 30_000), now, null);
  expect([-1, 0, 1].map(takes)).toEqual([step - 1, step, step + 1]);
  // Equal by chance with a code of the window: one time in 300,000.
  expect([-3, -2, 2, 3].map(takes)).toEqual([null, null, null, null]);
});

test("a code that was taken, and any before it, is refused", () => {
  const secret = newTotpSecret();
  const now = 1_800_000_000_000;
  const code = totpCode(secret, now);
  const step = totpStep(secret, code, now, null);
  expect(step).not.toBeNull();
  expect(totpStep(secret, code, now, step)).toBeNull();
  expect(totpStep(secret, totpCode(secret, now - 30_000), now, step)).toBeNull();
  expect(totpStep(secret, totpCode(secret, now + 30_000), now + 30_000, step)).toBe((step ?? 0) + 1);
});

test("spaces in a code are ignored; anything but six digits is refused", () => {
  const secret = newTotpSecret();
  const now = 1_800_000_000_000;
  const code = totpCode(secret, now);
  expect(totpStep(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now, null)).not.toBeNull();
  for (const wrong of ["", "12345", `${code}0`, "abcdef", "١٢٣٤٥٦"])
    expect(totpStep(secret, wrong, now, null)).toBeNull();
});

test("the URI names Daybook and the account", () => {
  const uri = new URL(totpUri(newTotpSecret(), "dana@acme.example"));
  expect(uri.protocol).toBe("otpauth:");
  expect(decodeURIComponent(uri.pathname)).toContain("Daybook:dana@acme.example");
  expect(uri.searchParams.get("issuer")).toBe("Daybook");
  expect(uri.searchParams.get("secret")).toMatch(/^[A-Z2-7]{32}$/);
});
