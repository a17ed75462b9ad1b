import { chmodSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A fresh temporary directory that others may enter, as a data directory is: `mkdtemp` alone makes a private one, where
 * PostgreSQL's user cannot go when the tests run as root.
 */
export function temporaryDirectory(name = "daybook"): string {
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  chmodSync(directory, 0o755);
  return directory;
}
