import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "./run.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macPaths = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** The Chromium of this machine, if it has one. */
export function findChromium(): string | undefined {
  const directories = (process.env.PATH ?? "").split(delimiter);
  const candidates = [...directories.flatMap((directory) => names.map((name) => join(directory, name))), ...macPaths];
  return candidates.find((path) => existsSync(path));
}

/** Installs Chromium from Debian's packages when this is Debian (or Ubuntu) and we may; returns where it is then. */
export function installChromium(): string | undefined {
  if (!existsSync("/usr/bin/apt-get")) return undefined;
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  if (asRoot.length > 0 && run("sudo", ["-n", "true"]) !== 0) return undefined;
  process.stdout.write("The browser tests need Chromium: installing it from Debian's packages.\n");
  const apt = (...args: string[]) => {
    const [program = "", ...rest] = [...asRoot, "apt-get", ...args];
    return run(program, rest, { DEBIAN_FRONTEND: "noninteractive" });
  };
  apt("update", "-qq");
  apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
  return findChromium();
}
