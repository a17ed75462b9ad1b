import { type About, aboutSchema } from "@daybook/contract";
import type { FastifyInstance } from "fastify";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import { requirePermission } from "../../access/access.ts";
import type { Deps } from "../../deps.ts";

/** `GET /api/v1/about`: the version, and whom the data comes from that screens show. */
export function registerAboutRoutes(app: FastifyInstance, deps: Deps, version: string): void {
  app.withTypeProvider<ZodTypeProvider>().route({
    method: "GET",
    url: "/api/v1/about",
    schema: {
      summary: "Version and credits",
      description: "The version that runs, and the credit lines of the geo data in use.",
      tags: ["about"],
      response: { 200: aboutSchema },
    },
    handler: async (request): Promise<About> => {
      requirePermission(request, "logs.read");
      const { credit, credits } = deps.origin;
      return { name: "Daybook", version, build: { node: process.versions.node }, credit, credits };
    },
  });
}
