import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { type CheckIn, checkInSchema } from "@daybook/contract";
import { z } from "zod";

/** A check-in that is still to be sent. */
const spooledSchema = z.object({
  name: z.string(),
  checkIn: checkInSchema,
  /** The schedule is made if it is not there. */
  cron: z.string().optional(),
  timeZone: z.string().optional(),
});

export interface Spooled {
  name: string;
  checkIn: CheckIn;
  cron?: string | undefined;
  timeZone?: string | undefined;
}

const file = "check-ins.ndjson";

/** Beyond it check-ins are kept without their output. */
const BYTES_MAX = 32 * 1024 * 1024;
/** Nobody takes longer to send what was taken. */
const TAKEN_MS_MAX = 3_600_000;
/** What is older tells nobody anything. */
const AGE_MS_MAX = 7 * 24 * 3_600_000;

/** Check-ins on disk, for when Daybook cannot be reached: one JSON document a line, in the order in which they happened. */
export class CheckInSpool {
  readonly directory: string;
  #taken = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Throws what the file system says. Several processes may add at the same time. */
  add(items: readonly Spooled[]): void {
    if (items.length === 0) return;
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    const path = join(this.directory, file);
    const full = existsSync(path) && statSync(path).size > BYTES_MAX;
    const lines = items.map((item) => JSON.stringify(full ? withoutOutput(item) : item));
    appendFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  }

  /**
   * Hands everything to `send`, the oldest first, until it says that Daybook cannot be reached; what is left stays. Only one process has a
   * check-in at a time; what a process that was killed had taken is taken again. Returns how many were handed over.
   */
  async drain(send: (item: Spooled) => Promise<"done" | "later">): Promise<{ sent: number; left: number }> {
    const taken = this.#take();
    const items = taken.flatMap(read);
    let sent = 0;
    while (sent < items.length && (await send(items[sent] as Spooled)) === "done") sent += 1;
    const left = items.slice(sent);
    this.add(left);
    for (const path of taken) rmSync(path, { force: true });
    return { sent, left: left.length };
  }

  /** Takes the file away under a name of our own, and before it those that others took and did not get done with. */
  #take(): string[] {
    if (!existsSync(this.directory)) return [];
    // In the order of their names, those that were taken come before the file.
    return readdirSync(this.directory)
      .sort()
      .filter((name) => name === file || this.#isLeft(name))
      .flatMap((name) => {
        this.#taken += 1;
        const own = join(this.directory, `check-ins.${process.pid}.${this.#taken}.sending`);
        return moved(join(this.directory, name), own) ? [own] : [];
      });
  }

  #isLeft(name: string): boolean {
    const owner = /^check-ins\.(\d+)\.\d+\.sending$/.exec(name)?.[1];
    if (owner === undefined || Number(owner) === process.pid) return false;
    const stat = statSync(join(this.directory, name), { throwIfNoEntry: false });
    // A process of the same number may be another one by now.
    return !isAlive(Number(owner)) || (stat !== undefined && Date.now() - stat.mtimeMs > TAKEN_MS_MAX);
  }
}

function read(path: string): Spooled[] {
  return readFileSync(path, "utf8")
    .split("\n")
    .flatMap((line): Spooled[] => {
      // The end of a file on a full disk may be half a line.
      const parsed = spooledSchema.safeParse(parse(line));
      if (!parsed.success) return [];
      const at = Date.parse(parsed.data.checkIn.at ?? "");
      return Number.isNaN(at) || Date.now() - at > AGE_MS_MAX ? [] : [parsed.data];
    });
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function withoutOutput({ checkIn: { output: _, ...checkIn }, ...item }: Spooled): Spooled {
  return { ...item, checkIn };
}

/** False if another process was faster, or there is nothing. */
function moved(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch {
    return false;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
