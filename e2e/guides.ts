import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

export const repository = resolve(import.meta.dirname, "..");

/** How programs of the guides are run; undefined where this machine cannot. */
export const languages = {
  ts: process.execPath,
  sh: installed("bash"),
  python: installed("python3"),
  php: installed("php"),
};

function installed(command: string): string | undefined {
  return spawnSync(command, ["--version"]).status === 0 ? command : undefined;
}

/** The first block of a guide in a language that contains a text. */
export function codeBlock(guide: string, language: string, containing = ""): string {
  const text = readFileSync(join(repository, "docs/guides", guide), "utf8");
  const blocks = [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)];
  const found = blocks.find(([, of, code]) => of === language && code?.includes(containing));
  if (found?.[2] === undefined) throw new Error(`docs/guides/${guide} has no ${language} with ${containing}`);
  return found[2];
}

/** Runs a program to its end; throws with what it wrote when it fails. */
export async function runProgram(
  language: keyof typeof languages,
  file: string,
  { cwd, env }: { cwd: string; env: Record<string, string> },
): Promise<string> {
  const options = { cwd, timeout: 30_000, env: { ...process.env, ...env } };
  return (await promisify(execFile)(languages[language] ?? language, [file], options)).stdout;
}
