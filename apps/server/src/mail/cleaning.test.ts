import type { Json } from "@daybook/contract";
import { type TestApp, testApp } from "@daybook/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shippedTemplates } from "./templates/shipped/shipped-set.ts";
import { sampleData } from "./templates/template-data.ts";

let server: TestApp;
beforeAll(async () => {
  server = await testApp({ config: { mailFrom: "panel@host.example" } });
});
afterAll(() => server.close());

const templates = [...shippedTemplates.values()].filter(({ kind }) => kind !== "partial");

interface Kept {
  html: string;
  plain: string;
  masked: number;
  variables: Json;
}

async function kept(template: string, locale: string): Promise<Kept> {
  const tokens = shippedTemplates.get(template)?.tokens ?? [];
  const order = { to: "dana@acme.example", template, locale, data: sampleData(tokens) };
  const { message } = await server.deps.mail.send(server.workspaceId, order);
  const sql = "select html, plain, masked, variables from mail_content where workspace_id = $1 and message_id = $2";
  const { rows } = await server.deps.db.query<Kept>(sql, [server.workspaceId, message.id]);
  return rows[0] as Kept;
}

test.each(templates.map(({ name, tokens }) => [name, tokens] as const))(
  "of the template %s exactly the secret tokens are masked in what is kept, in every language",
  async (name, tokens) => {
    const secrets = tokens.filter(({ secret, sample }) => secret && sample !== undefined);
    for (const locale of ["en", "de"]) {
      const { html, plain, masked, variables } = await kept(name, locale);
      expect(`${html} ${plain} ${JSON.stringify(variables)}`).not.toContain("[redacted]");
      if (secrets.length === 0) expect({ html, plain, masked }).toMatchObject({ masked: 0 });
      else expect(masked).toBeGreaterThan(0);
      for (const { sample } of secrets) {
        expect(html).not.toContain(String(sample));
        expect(plain).not.toContain(String(sample));
      }
    }
  },
);
