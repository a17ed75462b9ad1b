import { AppError } from "@daybook/contract";
import { z } from "zod";
import { grantOwners } from "../access/staff-store.ts";
import type { Db } from "../db/pool.ts";
import { inTransaction } from "../db/transaction.ts";
import type { StoryOptions } from "./story.ts";

/** Kept in the settings of the workspace, so that a second run tells the same story. */
const keptSchema = z.object({
  untilMs: z.number(),
  days: z.number(),
  events: z.number(),
  seed: z.string(),
  filled: z.boolean().default(false),
});

export interface DemoWorkspace {
  id: number;
  slug: string;
  story: StoryOptions;
  /** It was there before, with this story. */
  existed: boolean;
  /** A run before this one wrote the story to its end. A log is only added to, so it is all there. */
  filled: boolean;
}

/** Remembers that the story is written to its end. */
export async function markFilled(ownerDb: Db, workspaceId: number): Promise<void> {
  const filled = `update workspace set settings = jsonb_set(settings, '{demo,filled}', 'true') where id = $1`;
  await ownerDb.query(filled, [workspaceId]);
}

/**
 * The workspace that holds a demo, made when it is not there; owners of the first workspace become its owners.
 * An existing one keeps its story: `asked` may be left out in part, but what it names must agree.
 * Throws `conflict` for a workspace that is no demo, and for one that tells another story.
 */
export async function openDemoWorkspace(
  ownerDb: Db,
  slug: string,
  asked: Partial<StoryOptions>,
  fallback: StoryOptions,
): Promise<DemoWorkspace> {
  return inTransaction(ownerDb, async (client) => {
    const story = { ...fallback, ...asked };
    const made = await client.query<{ id: number }>(
      "insert into workspace (slug, name, settings) values ($1, 'Heronfield (demo)', $2) on conflict (slug) do nothing returning id",
      [slug, { demo: story }],
    );
    const id = made.rows[0]?.id;
    if (id !== undefined) {
      await client.query("insert into log_head (workspace_id) values ($1)", [id]);
      await grantOwners(client, id);
      return { id, slug, story, existed: false, filled: false };
    }
    const found = await client.query<{ id: number; demo: unknown }>(
      "select id, settings->'demo' as demo from workspace where slug = $1",
      [slug],
    );
    const row = found.rows[0];
    const kept = keptSchema.safeParse(row?.demo);
    if (row === undefined || !kept.success)
      throw new AppError("conflict", `The workspace ${slug} holds no demo. Name another: --workspace demo2`);
    checkSameStory(slug, kept.data, asked);
    await grantOwners(client, row.id);
    const { filled, ...told } = kept.data;
    return { id: row.id, slug, story: told, existed: true, filled };
  });
}

/** The story that a workspace tells, or undefined when it is not there or no demo. */
export async function findDemoStory(db: Db, slug: string): Promise<StoryOptions | undefined> {
  const found = await db.query<{ demo: unknown }>("select settings->'demo' as demo from workspace where slug = $1", [
    slug,
  ]);
  const kept = keptSchema.safeParse(found.rows[0]?.demo).data;
  if (kept === undefined) return undefined;
  const { filled: _, ...story } = kept;
  return story;
}

function checkSameStory(slug: string, kept: StoryOptions, asked: Partial<StoryOptions>): void {
  const names = { untilMs: "--until", days: "--days", events: "--events", seed: "--seed" } as const;
  for (const key of ["untilMs", "days", "events", "seed"] as const) {
    if (asked[key] === undefined || asked[key] === kept[key]) continue;
    const value = key === "untilMs" ? new Date(kept.untilMs).toISOString() : kept[key];
    throw new AppError(
      "conflict",
      `The workspace ${slug} tells another story already (${names[key]} ${value}). A log is not rewritten: name another workspace, e.g. --workspace ${slug}2`,
    );
  }
}
