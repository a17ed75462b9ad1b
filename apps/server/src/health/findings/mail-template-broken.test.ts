import { type FindingStage, findingStage } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";

let stage: FindingStage;
beforeAll(async () => {
  stage = await findingStage();
});
afterAll(() => stage.close());

/** Saves a version past the checks of the API, as one is after a change of what it renders. */
async function save(name: string, version: number, html: string): Promise<void> {
  const { deps, workspaceId } = stage;
  const settings = { title: name, kind: "template", tokens: [], layout: false, unsubscribe: false };
  await deps.db.query(
    "insert into mail_template (workspace_id, name, settings, updated_at) values ($1, $2, $3, now()) on conflict do nothing",
    [workspaceId, name, settings],
  );
  await deps.db.query("update mail_template_version set current = false where workspace_id = $1 and name = $2", [
    workspaceId,
    name,
  ]);
  await deps.db.query(
    `insert into mail_template_version (workspace_id, name, locale, version, subject, html, at, by_name, current)
     values ($1, $2, 'en', $3, 'Hello', $4, now(), 'Dana', true)`,
    [workspaceId, name, version, html],
  );
  deps.templates.forget(workspaceId);
}

const send = (name: string) => stage.deps.templates.render(stage.workspaceId, { name, data: {} });

test("a template that is broken is found with what is sent instead, until it is mended", async () => {
  await save("welcome", 1, "<p>x</p>\n{{ user.name | shout }}");
  expect(await stage.find("mail_template_broken")).toEqual([]);
  expect((await send("invoice")).template).toBe("invoice");
  expect((await send("welcome")).version).toBe(0);
  const [finding] = await stage.find("mail_template_broken");
  expect(finding).toMatchObject({
    about: "welcome (en)",
    severity: "warning",
    link: "/mail-templates/welcome?locale=en",
  });
  expect(finding?.found).toBe(
    "Version 1 of en, saved by Dana: html, line 2: There is no filter shout. The shipped text is sent instead.",
  );
  await save("welcome", 2, "<p>mended</p>");
  expect((await send("welcome")).html).toBe("<p>mended</p>");
  expect(await stage.find("mail_template_broken")).toEqual([]);
});

test("one that has nothing in its place is critical", async () => {
  await save("own", 1, "{% if %}");
  await send("own").catch(() => {});
  expect(await stage.find("mail_template_broken")).toMatchObject([{ about: "own (en)", severity: "critical" }]);
  await stage.deps.db.query("delete from mail_template_version where name = 'own'");
  expect(await stage.find("mail_template_broken")).toEqual([]);
});
