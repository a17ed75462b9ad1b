import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type AsnSources, packAsn } from "./asn-pack.ts";

/** What this child process is asked to do, in its one message, and what it answers. */
export interface PackRequest {
  sources: AsnSources;
  /** Where the packed file goes. */
  path: string;
}
export type PackAnswer = { ok: true } | { ok: false; reason: string };

process.once("message", (request: PackRequest) => {
  process.send?.(pack(request), () => process.disconnect());
});

/** Written beside and renamed, so that a reader, or a killed start, never meets half a file. */
function pack({ sources, path }: PackRequest): PackAnswer {
  const draft = `${path}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(draft, packAsn(sources));
    renameSync(draft, path);
    return { ok: true };
  } catch (error) {
    removeQuietly(draft);
    return { ok: false, reason: (error as Error).message };
  }
}

/** The reason for the failure is what is worth saying, not that the draft could not be removed either. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {}
}
