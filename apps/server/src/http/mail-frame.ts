import { createHash } from "node:crypto";
import type { FastifyInstance } from "fastify";

/** Takes a mail from the page around it and shows it in a frame of its own that may do nothing. */
const script =
  'addEventListener("message",(event)=>{if(event.source!==parent||typeof event.data!=="string")return;' +
  'const frame=document.createElement("iframe");frame.sandbox="";frame.title="The mail";frame.referrerPolicy="no-referrer";' +
  "frame.srcdoc=event.data;document.body.replaceChildren(frame)});";
const style = "html,body,iframe{margin:0;width:100%;height:100%;border:0;display:block;background:#fff}";

const page = `<!doctype html><html lang="en"><meta charset="utf-8"><title>The mail</title><style>${style}</style><body><script>${script}</script></body></html>`;

/** A frame inherits the policy of the page that made it. The console's allows no picture from elsewhere, so a mail whose remote images somebody wants
 *  to see is shown by this page: it has an origin of its own that nothing belongs to, and allows pictures and nothing else. */
const policy = [
  "default-src 'none'",
  `script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`,
  "style-src 'unsafe-inline'",
  "img-src data: https: http:",
  "font-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
  "sandbox allow-scripts",
].join(";");

/** Serves the page in which the console shows a mail with its remote images. There is nothing of anybody in it. */
export function registerMailFrame(app: FastifyInstance): void {
  app.get("/mail-frame", { schema: { hide: true } as object }, async (_request, reply) => {
    reply.removeHeader("x-frame-options");
    return reply
      .type("text/html; charset=utf-8")
      .headers({
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "cache-control": "public, max-age=3600",
      })
      .send(page);
  });
}
