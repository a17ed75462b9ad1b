import type { Finding } from "@daybook/contract";
import type { FactsDeps } from "./facts.ts";
import { readFindings } from "./findings.ts";

/** However many consoles are open, a workspace is read once in so long. */
const KEPT_MS = 3_000;
/** What takes long to read is kept longer: reading takes a twentieth of the time at most. */
const KEPT_FACTOR = 20;

interface Kept {
  findings: Promise<Finding[]>;
  untilMs: number;
}

/** The findings of every workspace, each kept for some seconds. */
export class FindingBook {
  readonly #deps: FactsDeps;
  readonly #kept = new Map<number, Kept>();

  constructor(deps: FactsDeps) {
    this.#deps = deps;
  }

  /** Those of one workspace. A reading that is under way is shared. */
  of(workspaceId: number): Promise<Finding[]> {
    const known = this.#kept.get(workspaceId);
    if (known !== undefined && performance.now() < known.untilMs) return known.findings;
    const began = performance.now();
    const kept: Kept = { findings: readFindings(this.#deps, workspaceId), untilMs: Number.POSITIVE_INFINITY };
    this.#kept.set(workspaceId, kept);
    kept.findings.then(
      () => {
        const ended = performance.now();
        kept.untilMs = ended + Math.max(KEPT_MS, (ended - began) * KEPT_FACTOR);
      },
      () => this.#kept.delete(workspaceId),
    );
    return kept.findings;
  }

  /** Those of all workspaces but the invented company of `daybook demo`, which has its faults on purpose. */
  async all(): Promise<Finding[]> {
    const { rows } = await this.#deps.db.query<{ id: number }>(
      "select id from workspace where not settings ? 'demo' order by id",
    );
    const all: Finding[] = [];
    for (const { id } of rows) all.push(...(await this.of(id)));
    return all;
  }
}
