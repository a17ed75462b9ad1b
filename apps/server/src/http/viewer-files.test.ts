import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { testApp } from "@daybook/testkit";
import { expect, test } from "vitest";
import { viewerDist } from "../console-build.ts";

/** As docs/guides/viewer.md says. */
const COMPONENT_GZIP_BYTES_MAX = 40 * 1024;

const built = join(viewerDist, "daybook-activity.js");

test.skipIf(!existsSync(built))("the component is one module under 40 KB gzipped and loads no other", () => {
  const text = readFileSync(built, "utf8");
  expect(gzipSync(text).length).toBeLessThan(COMPONENT_GZIP_BYTES_MAX);
  expect(text).not.toMatch(/(?:^|[;}])import[\s{*"]|import\("|innerHTML|insertAdjacentHTML|\beval\(/);
});

test.skipIf(!existsSync(built))("the component is kept by its version and checked by its ETag", async () => {
  const { app, close } = await testApp();
  const url = "/viewer/daybook-activity.js";
  const plain = await app.inject({ url });
  expect(plain.statusCode).toBe(200);
  expect(plain.headers["access-control-allow-origin"]).toBe("*");
  expect(plain.headers["cache-control"]).toContain("max-age=600");
  const etag = String(plain.headers.etag);
  const again = await app.inject({ url, headers: { "if-none-match": etag } });
  expect(again.statusCode).toBe(304);
  const versioned = await app.inject({ url: `${url}?v=${etag.replaceAll('"', "")}` });
  expect(versioned.headers["cache-control"]).toContain("immutable");
  const old = await app.inject({ url: `${url}?v=0123` });
  expect(old.headers["cache-control"]).not.toContain("immutable");
  await close();
});

test.skipIf(!existsSync(built))("the frame page is framed by the origins that workspaces allow", async () => {
  const { app, close } = await testApp({ config: { viewerOrigins: ["https://panel.example.com"] } });
  const page = await app.inject({ url: "/viewer/frame" });
  expect(page.headers["content-security-policy"]).toMatch(/frame-ancestors https:\/\/panel\.example\.com$/);
  expect(page.headers["x-frame-options"]).toBeUndefined();
  expect(page.body).toMatch(/daybook-activity\.js\?v=[0-9a-f]{16}"/);
  await close();
  const anybody = await testApp();
  const open = await anybody.app.inject({ url: "/viewer/frame" });
  expect(open.headers["content-security-policy"]).toMatch(/frame-ancestors \*$/);
  await anybody.close();
});
