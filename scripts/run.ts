import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The root of the checkout. */
export const repository = fileURLToPath(new URL("../", import.meta.url));

/** Runs a program of node_modules/.bin, or of the system, in the checkout; its output goes where ours goes. Returns its exit code. */
export function run(program: string, args: string[], env: Record<string, string> = {}): number {
  const path = `${repository}node_modules/.bin:${process.env.PATH ?? ""}`;
  const done = spawnSync(program, args, {
    cwd: repository,
    stdio: "inherit",
    env: { ...process.env, PATH: path, ...env },
  });
  if (done.error) process.stderr.write(`${program}: ${done.error.message}\n`);
  return done.status ?? 1;
}

/** Runs steps in turn, says how long each took, and leaves with 1 at the first that fails. */
export function runSteps(steps: readonly { name: string; run: () => number }[]): void {
  for (const [index, step] of steps.entries()) {
    process.stdout.write(`\n[${index + 1}/${steps.length}] ${step.name}\n`);
    const began = Date.now();
    const code = step.run();
    process.stdout.write(
      `[${index + 1}/${steps.length}] ${step.name}: ${code === 0 ? "ok" : "failed"}, ${seconds(began)} s\n`,
    );
    if (code !== 0) process.exit(1);
  }
}

function seconds(began: number): string {
  return ((Date.now() - began) / 1000).toFixed(1);
}
