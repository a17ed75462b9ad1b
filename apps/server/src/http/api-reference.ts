import type { ApiDocument, ApiOperation, JsonSchema } from "./openapi.ts";

/** Schemas nest; deeper than this the reader is better served by the document itself. */
const DEPTH_MAX = 6;

/** The reference as one HTML page without scripts, made from the OpenAPI document. */
export function renderApiReference(document: ApiDocument): string {
  const groups = groupByTag(document);
  const contents = groups.map(
    ({ tag, calls }) =>
      `<li><strong>${escapeHtml(tag)}</strong><ul>${calls
        .map(
          (call) => `<li><a href="#${call.anchor}"><code>${escapeHtml(`${call.method} ${call.path}`)}</code></a></li>`,
        )
        .join("")}</ul></li>`,
  );
  const sections = groups.map(
    ({ tag, calls }) =>
      `<section><h2>${escapeHtml(tag)}</h2>${calls.map((call) => renderCall(call, document)).join("")}</section>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Daybook API</title><link rel="stylesheet" href="/docs/api.css"></head>
<body><nav aria-label="Calls"><p><strong>Daybook API</strong> ${escapeHtml(document.info.version)}</p>
<p><a href="/api/openapi.json">openapi.json</a></p><ul>${contents.join("")}</ul></nav>
<main><h1>Daybook API</h1><p>${escapeHtml(document.info.description ?? "")}</p>
<p>JSON in camelCase; times are RFC 3339 in UTC with milliseconds; errors are problem documents (RFC 9457) with a
<code>code</code>. Programs send <code>Authorization: Bearer dbk_…</code>, the console its session cookie.</p>
${sections.join("")}</main></body></html>`;
}

export const apiReferenceStyle = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: minmax(16rem, 22rem) minmax(0, 1fr); font: 15px/1.55 system-ui, sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem 1.25rem; border-right: 1px solid var(--line); font-size: 13px; }
nav ul { list-style: none; padding-left: 0; } nav ul ul { padding-left: .75rem; margin: .25rem 0 .75rem; }
main { padding: 1.5rem 2.5rem 6rem; max-width: 64rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); } h3 { margin: 2.5rem 0 .25rem; }
code { font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; } a { color: inherit; }
table { border-collapse: collapse; width: 100%; font-size: 14px; } td, th { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
pre { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 6px; overflow: auto; font: 13px/1.5 ui-monospace, monospace; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; border: 0; } main { padding: 1rem; } }
`;

interface Call {
  method: string;
  path: string;
  anchor: string;
  operation: ApiOperation;
}

function groupByTag(document: ApiDocument): { tag: string; calls: Call[] }[] {
  const groups = new Map<string, Call[]>();
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? "other";
      const anchor = `${method}${path.replaceAll(/[^a-z0-9]+/gi, "-")}`;
      const call = { method: method.toUpperCase(), path, anchor, operation };
      groups.set(tag, [...(groups.get(tag) ?? []), call]);
    }
  return [...groups].map(([tag, calls]) => ({ tag, calls }));
}

function renderCall({ method, path, anchor, operation }: Call, document: ApiDocument): string {
  const parts = [`<h3 id="${anchor}"><code>${escapeHtml(`${method} ${path}`)}</code></h3>`];
  if (operation.summary) parts.push(`<p><strong>${escapeHtml(operation.summary)}</strong></p>`);
  if (operation.description) parts.push(`<p>${escapeHtml(operation.description)}</p>`);
  if (operation.parameters?.length) parts.push(renderParameters(operation.parameters));
  for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {}))
    parts.push(`<h4>Body, ${escapeHtml(type)}</h4>${renderSchema(schema, document)}`);
  for (const [status, response] of Object.entries(operation.responses ?? {})) {
    if (status === "default") continue;
    const [type, content] = Object.entries(response.content ?? {})[0] ?? [];
    parts.push(`<h4>${escapeHtml(status)}${type ? `, ${escapeHtml(type)}` : ""}</h4>`);
    if (content?.schema) parts.push(renderSchema(content.schema, document));
  }
  return `<article>${parts.join("\n")}</article>`;
}

function renderParameters(parameters: NonNullable<ApiOperation["parameters"]>): string {
  const rows = parameters.map(
    (parameter) =>
      `<tr><td><code>${escapeHtml(parameter.name)}</code></td><td>${escapeHtml(parameter.in)}${parameter.required ? ", required" : ""}</td>` +
      `<td><code>${escapeHtml(typeName(parameter.schema))}</code></td><td>${escapeHtml(parameter.description ?? parameter.schema?.description ?? "")}</td></tr>`,
  );
  return `<table><thead><tr><th>Parameter</th><th>In</th><th>Type</th><th>Meaning</th></tr></thead><tbody>${rows.join("")}</tbody></table>`;
}

function renderSchema(schema: JsonSchema | undefined, document: ApiDocument): string {
  return `<pre>${escapeHtml(outline(schema, document, 0))}</pre>`;
}

/** A schema as a person would write the JSON: names, types, what is optional, and what it means. */
function outline(given: JsonSchema | undefined, document: ApiDocument, depth: number): string {
  const schema = resolve(given, document);
  if (schema === undefined) return "any JSON";
  if (depth > DEPTH_MAX) return "…";
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map((choice) => outline(choice, document, depth)).join(" | ");
  if (schema.type === "array" && typeof schema.items === "object")
    return `[ ${outline(schema.items, document, depth + 1)}, … ]`;
  if (schema.properties === undefined) return typeName(schema);
  const indent = "  ".repeat(depth + 1);
  const lines = Object.entries(schema.properties).map(([name, property]) => {
    const optional = schema.required?.includes(name) ? "" : "?";
    const meaning = property.description ? `  // ${property.description}` : "";
    return `${indent}${name}${optional}: ${outline(property, document, depth + 1)}${meaning}`;
  });
  return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
}

function resolve(schema: JsonSchema | undefined, document: ApiDocument): JsonSchema | undefined {
  const name = schema?.$ref?.replace("#/components/schemas/", "");
  return name === undefined ? schema : document.components?.schemas?.[name];
}

function typeName(schema: JsonSchema | undefined): string {
  if (schema === undefined) return "any";
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type;
  return typeof schema.format === "string" ? `${type ?? "any"} (${schema.format})` : (type ?? "any");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
