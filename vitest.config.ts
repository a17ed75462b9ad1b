import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "apps/*/src/**/*.test.{ts,tsx}",
      "scripts/**/*.test.ts",
      "e2e/**/*.test.ts",
    ],
    globalSetup: ["packages/testkit/src/global-setup.ts"],
    pool: "forks",
    // Much of a test is waiting: for a process to start, for a browser to draw.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // A machine that is busy elsewhere may be late once; a fault is there the second time too.
    retry: 1,
    expect: { poll: { timeout: 15_000 } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
