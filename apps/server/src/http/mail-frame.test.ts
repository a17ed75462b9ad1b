import { createHash } from "node:crypto";
import { testApp } from "@daybook/testkit";
import { expect, test } from "vitest";

test("the frame for mails has no origin, runs its own script alone and is framed by the console alone", async () => {
  const { app, close } = await testApp();
  const { headers, body } = await app.inject("/mail-frame");
  const policy = String(headers["content-security-policy"]);
  const script = /<script>(.*)<\/script>/.exec(body)?.[1] ?? "";
  expect(script).toContain("srcdoc");
  expect(policy).toContain(`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}';`);
  expect(policy).toMatch(/;sandbox allow-scripts$/);
  expect(policy).toContain("frame-ancestors 'self'");
  expect(policy).not.toMatch(/connect-src|allow-same-origin|script-src[^;]*unsafe/);
  expect(headers["x-frame-options"]).toBeUndefined();
  await close();
});
