import { type DisplayChoices, displayChoicesSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { requireSession } from "../access/access.ts";
import type { AccessDeps } from "../access/access-events.ts";

const tags = ["me"];

/** How a person likes the console: theme, time zone, density, columns. The same in every browser and workspace. */
export function registerDisplayRoutes(app: FastifyInstance, deps: Pick<AccessDeps, "db" | "clock">): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.route({
    method: "GET",
    url: "/api/v1/me/display",
    schema: { summary: "How you like the console", tags, response: { 200: displayChoicesSchema } },
    handler: async (request) => {
      const { rows } = await deps.db.query<{ choices: DisplayChoices }>(
        "select choices from display_choice where staff_id = $1",
        [requireSession(request).id],
      );
      return rows[0]?.choices ?? {};
    },
  });

  routes.route({
    method: "PUT",
    url: "/api/v1/me/display",
    schema: {
      summary: "Keep how you like the console",
      description: "Replaces what was kept. What is left out is as the console has it by itself.",
      tags,
      body: displayChoicesSchema,
      response: { 200: displayChoicesSchema },
    },
    handler: async (request) => {
      await deps.db.query(
        `insert into display_choice (staff_id, choices, updated_at) values ($1, $2, $3)
           on conflict (staff_id) do update set choices = excluded.choices, updated_at = excluded.updated_at`,
        [requireSession(request).id, request.body, new Date(deps.clock())],
      );
      return request.body;
    },
  });
}
