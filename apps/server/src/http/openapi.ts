import { errorCodes } from "@daybook/contract";
import swagger from "@fastify/swagger";
import type { FastifyInstance } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";

/** The parts of an OpenAPI 3.1 document that we read and add to. */
export interface ApiDocument {
  openapi: string;
  info: { title: string; version: string; description?: string };
  tags?: { name: string; description?: string }[];
  paths: Record<string, Record<string, ApiOperation>>;
  components?: { schemas?: Record<string, JsonSchema>; [part: string]: unknown };
}

export interface ApiOperation {
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: JsonSchema }[];
  requestBody?: { required?: boolean; content: Record<string, { schema?: JsonSchema }> };
  responses?: Record<string, { description?: string; content?: Record<string, { schema?: JsonSchema }> }>;
  security?: Record<string, string[]>[];
}

export interface JsonSchema {
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema | boolean;
  enum?: unknown[];
  const?: unknown;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  $ref?: string;
  [keyword: string]: unknown;
}

const problemSchema: JsonSchema = {
  type: "object",
  description: "What went wrong (RFC 9457, application/problem+json).",
  required: ["type", "code", "title", "status", "detail", "requestId"],
  properties: {
    type: { type: "string" },
    code: { type: "string", enum: Object.keys(errorCodes) },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    requestId: { type: "string" },
    errors: {
      type: "array",
      items: {
        type: "object",
        properties: {
          index: { type: "integer" },
          line: { type: "integer" },
          pointer: { type: "string" },
          code: { type: "string" },
          message: { type: "string" },
        },
      },
    },
  },
};

/** Collects the schemas of the routes that are added after it. Routes outside /api/ are left out. */
export async function collectOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Daybook",
        version,
        description:
          "Who did what, to what, from where, when, and whether it worked. Most calls need a permission: an API key has those that its scopes stand for, a person those of their role in the workspace. 403 forbidden names the missing one in `permission`; 403 step_up_required asks a person to show again who they are; 403 two_factors_required, to turn two factors on.",
      },
      components: {
        securitySchemes: {
          key: { type: "http", scheme: "bearer", description: "An API key, dbk_…" },
          session: { type: "apiKey", in: "cookie", name: "daybook_session", description: "The console's session." },
        },
      },
    },
    transform: (route) => {
      // A route that reads its body itself says here what the body is.
      const { documentedBody } = (route.route.config ?? {}) as { documentedBody?: unknown };
      const schema = { ...route.schema, ...(documentedBody === undefined ? {} : { body: documentedBody }) };
      return jsonSchemaTransform({
        ...route,
        schema: route.url.startsWith("/api/") ? schema : { hide: true },
      } as never);
    },
  });
}

/** The document of every route: problems are the default response, each call takes a key or a session. */
export function apiDocument(app: FastifyInstance): ApiDocument {
  const document = app.swagger() as unknown as ApiDocument;
  const problem = {
    description: "A problem document; its `code` says what went wrong.",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  for (const operations of Object.values(document.paths))
    for (const operation of Object.values(operations)) {
      operation.responses = { ...operation.responses, default: problem };
      operation.security ??= [{ key: [] }, { session: [] }];
    }
  document.components = { ...document.components };
  document.components.schemas = { ...document.components.schemas, Problem: problemSchema };
  return document;
}
