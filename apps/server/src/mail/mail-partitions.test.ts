import { testApp } from "@daybook/testkit";
import { expect, test } from "vitest";
import { createMailPartitions } from "./mail-partitions.ts";

test("mails are kept by month, also what came before its month was made", async () => {
  const server = await testApp({ config: { mailFrom: "panel@host.example" } });
  const { deps, workspaceId } = server;
  const send = () => deps.mail.send(workspaceId, { to: "dana@acme.example", subject: "Hello", text: "Hello" });
  const partsOf = async (id: string): Promise<string[]> => {
    const parts = ["mail_message", "mail_text", "mail_content", "mail_happening"].map(async (table) => {
      const column = table === "mail_message" ? "id" : "message_id";
      const { rows } = await deps.db.query(
        `select tableoid::regclass::text as part from ${table} where ${column} = $1`,
        [id],
      );
      return rows.map(({ part }) => part);
    });
    return (await Promise.all(parts)).flat();
  };
  try {
    const early = await send();
    const now = Date.now();
    await createMailPartitions(deps.ownerDb, now);
    await createMailPartitions(deps.ownerDb, now);
    const stay = await send();
    const names = ["mail_message", "mail_text", "mail_content", "mail_happening"].map((table) => `${table}_default`);
    expect(await partsOf(early.message.id)).toEqual(names);
    // The month that had begun stays where it is.
    expect(await partsOf(stay.message.id)).toEqual(names);
    const { rows } = await deps.ownerDb.query<{ part: string }>(
      "select inhrelid::regclass::text as part from pg_inherits where inhparent = 'mail_attempt'::regclass order by 1",
    );
    const month = (ahead: number): string => {
      const day = new Date(now);
      return new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + ahead))
        .toISOString()
        .slice(0, 7)
        .replace("-", "");
    };
    expect(rows.map(({ part }) => part)).toEqual(
      [0, 1, 2].map((ahead) => `mail_attempt_${month(ahead)}`).concat("mail_attempt_default"),
    );
  } finally {
    await server.close();
  }
});
