import { AppError } from "@daybook/contract";
import { publicAddress } from "../../config.ts";
import { lastTimes } from "../../schedules/schedule-times.ts";
import { mailIsSetUp } from "../notices/mail-ready.ts";
import { type DigestDeps, type Period, readDigest } from "./digest-figures.ts";

const midnight = "0 0 * * *";
/** Early enough to be read with the first coffee, late enough for the night's jobs to be through. */
const due = "0 7 * * *";

const doer = { actor: { type: "system", name: "Daybook" }, origin: { ip: null } };

/**
 * Mails what happened on the day before, at seven in the morning of each workspace's time zone, to the addresses of its setting `digestTo`. A
 * server that was down at seven sends it when it is back, until midnight.
 *
 * The key of each mail is its day and address: however often and in however many servers this runs, it is sent once.
 */
export class Digests {
  readonly #deps: DigestDeps;
  /** The day that each workspace is done with, so that its figures are not read again every minute. */
  readonly #done = new Map<number, number>();

  constructor(deps: DigestDeps) {
    this.#deps = deps;
  }

  /** Sends the digests that are due; how many mails it was. */
  async sendDue(): Promise<number> {
    const { rows } = await this.#deps.db.query<{ id: number; slug: string }>(
      "select id, slug from workspace order by id",
    );
    let sent = 0;
    const faults: unknown[] = [];
    // One workspace whose figures cannot be read keeps no other from its digest.
    for (const workspace of rows)
      sent += await this.#sendTo(workspace).catch((error: unknown) => {
        faults.push(error);
        return 0;
      });
    if (faults.length > 0) throw faults[0];
    return sent;
  }

  async #sendTo({ id, slug }: { id: number; slug: string }): Promise<number> {
    const { clock, settings } = this.#deps;
    const { digestTo, timeZone } = settings.of(id);
    const [yesterday, today] = lastTimes({ cron: midnight, timeZone }, clock(), 2);
    const [dueMs] = lastTimes({ cron: due, timeZone }, clock(), 1);
    if (digestTo.length === 0 || yesterday === undefined || today === undefined || dueMs === undefined) return 0;
    if (dueMs < today || this.#done.get(id) === today) return 0;
    if (!(await mailIsSetUp(this.#deps, id))) return 0;
    const sent = await this.#send(id, slug, { fromMs: yesterday, toMs: today });
    this.#done.set(id, today);
    return sent;
  }

  async #send(workspaceId: number, slug: string, period: Period): Promise<number> {
    const { mail, settings, config, log } = this.#deps;
    const { digestTo, timeZone } = settings.of(workspaceId);
    const { figures, findings } = await readDigest(this.#deps, workspaceId, period);
    const page = (path: string): string => `${publicAddress(config)}/w/${slug}${path}`;
    const day = new Date(period.fromMs).toLocaleDateString("en-CA", { timeZone });
    const data = {
      period: new Date(period.fromMs).toLocaleDateString("en-GB", { dateStyle: "full", timeZone }),
      figures,
      highlights: findings.map(({ title, link }) => ({ title, ...(link === undefined ? {} : { url: page(link) }) })),
      digestUrl: page(
        `/activity?from=${new Date(period.fromMs).toISOString()}&to=${new Date(period.toMs).toISOString()}`,
      ),
    };
    let sent = 0;
    for (const address of digestTo) {
      try {
        const key = `digest/${day}/${address.toLowerCase()}`;
        const order = { template: "digest", to: address, data, key, locale: "en", priority: "low" as const };
        if ((await mail.send(workspaceId, order, doer)).made) sent++;
      } catch (error) {
        // What one address or the template is refused for must not keep the others from theirs. A changed key is one that was sent.
        if (!(error instanceof AppError) || error.code === "internal") throw error;
        if (error.code !== "conflict") log.error({ err: error }, "a digest could not be sent");
      }
    }
    return sent;
  }
}
