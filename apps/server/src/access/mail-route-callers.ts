import { randomUUID } from "node:crypto";
import type { RouteRow } from "./route-callers.ts";

const id = randomUUID();

/** The routes of mail with who may call them. */
export const mailRoutes: Record<string, RouteRow> = {
  "GET /api/v1/mail/transports": { rule: "settings.read" },
  "PUT /api/v1/mail/transports/:name": {
    rule: "settings.write",
    path: "/api/v1/mail/transports/main",
    body: { host: "mail.acme.example" },
    stepUp: true,
  },
  "DELETE /api/v1/mail/transports/:name": {
    rule: "settings.write",
    path: "/api/v1/mail/transports/none",
    stepUp: true,
  },
  "POST /api/v1/mail/transports/:name/test-messages": {
    rule: "settings.write",
    path: "/api/v1/mail/transports/none/test-messages",
    body: {},
  },
  "GET /api/v1/mail/domains/:domain": { rule: "settings.read", path: "/api/v1/mail/domains/acme.invalid" },
  "GET /api/v1/mail/suppressions": { rule: "mail.read" },
  "PUT /api/v1/mail/suppressions/:address": {
    rule: "mail.write",
    path: "/api/v1/mail/suppressions/kim%40acme.example",
    body: {},
  },
  "DELETE /api/v1/mail/suppressions/:address": {
    rule: "mail.write",
    path: "/api/v1/mail/suppressions/nobody%40acme.example",
  },
  "POST /api/v1/mail/messages": {
    rule: "mail.send",
    body: { to: "x@acme.example", from: "y@acme.example", subject: "x", text: "x" },
  },
  "PATCH /api/v1/mail/messages/:id": {
    rule: "mail.send",
    path: `/api/v1/mail/messages/${id}`,
    body: { status: "delivered" },
  },
  "POST /api/v1/mail/messages/:id/resends": {
    rule: "mail.send",
    path: `/api/v1/mail/messages/${id}/resends`,
    body: {},
  },
  "GET /api/v1/mail/templates": { rule: "mail.read" },
  "GET /api/v1/mail/templates/:name": { rule: "mail.read", path: "/api/v1/mail/templates/welcome" },
  "GET /api/v1/mail/templates/:name/versions": { rule: "mail.read", path: "/api/v1/mail/templates/welcome/versions" },
  "PUT /api/v1/mail/templates/:name": {
    rule: "mail.write",
    path: "/api/v1/mail/templates/welcome",
    body: { subject: "Hello", html: "<p>Hello</p>" },
  },
  "DELETE /api/v1/mail/templates/:name": { rule: "mail.write", path: "/api/v1/mail/templates/invoice" },
  "POST /api/v1/mail/templates/:name/restorations": {
    rule: "mail.write",
    path: "/api/v1/mail/templates/plain/restorations",
    body: { locale: "en", version: 0 },
  },
  "POST /api/v1/mail/templates/:name/previews": {
    rule: "mail.read",
    path: "/api/v1/mail/templates/plain/previews",
    body: {},
  },
  "POST /api/v1/mail/templates/:name/test-messages": {
    rule: "mail.write",
    path: "/api/v1/mail/templates/none/test-messages",
    body: {},
  },
  "GET /api/v1/mail/messages": { rule: "mail.read" },
  "GET /api/v1/mail/messages/export": { rule: "logs.export", stepUp: true },
  "GET /api/v1/mail/messages/:id": { rule: "mail.read", path: `/api/v1/mail/messages/${id}` },
  "GET /api/v1/mail/messages/:id/content": { rule: "mail.body", path: `/api/v1/mail/messages/${id}/content` },
  "GET /api/v1/mail/messages/:id/source": { rule: "mail.body", path: `/api/v1/mail/messages/${id}/source` },
  "GET /api/v1/mail/stats": { rule: "mail.read" },
  "GET /api/v1/mail/addresses/:address": {
    rule: "mail.read, personal",
    path: "/api/v1/mail/addresses/dana@acme.example",
  },
  "GET /api/v1/mail/providers": { rule: "settings.read" },
  "PUT /api/v1/mail/providers/:provider": {
    rule: "settings.write",
    path: "/api/v1/mail/providers/mailgun",
    body: { secret: "a-signing-key-of-mailgun" },
  },
  "DELETE /api/v1/mail/providers/:provider": { rule: "settings.write", path: "/api/v1/mail/providers/resend" },
  // Whoever signs with the secret of the provider; all others are told that the signature does not fit.
  "POST /api/v1/mail/provider-events/:provider": {
    rule: "anybody",
    path: "/api/v1/mail/provider-events/mailgun",
    body: {},
  },
};
