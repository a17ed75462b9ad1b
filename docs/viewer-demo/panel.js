// A small invented hosting panel that shows a customer their activity:
//   DAYBOOK_KEY=dbk_… node docs/viewer-demo/panel.js
// The key needs the scope viewer_tokens:create. Then open http://127.0.0.1:4700.
// 1. The panel's server asks Daybook for a viewer token of the customer who is signed in. The key stays here.
// 2. Its page shows <daybook-activity> with the token; the browser asks Daybook with it.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const daybook = (process.env.DAYBOOK_URL ?? "http://127.0.0.1:4600").replace(/\/$/, "");
const key = process.env.DAYBOOK_KEY;
const port = Number(process.env.PORT ?? 4700);
/** Who is signed in to the panel. A real one takes it from its session, never from the request. */
const customer = process.env.CUSTOMER ?? "77";

if (!key) {
  process.stderr.write("DAYBOOK_KEY is missing: daybook keys create --name panel --scope viewer_tokens:create\n");
  process.exit(2);
}

const file = (name) => readFileSync(new URL(name, import.meta.url));
const pages = {
  "/": ["text/html; charset=utf-8", () => file("panel.html").toString().replaceAll("{{daybook}}", daybook)],
  "/framed": ["text/html; charset=utf-8", () => file("framed.html").toString().replaceAll("{{daybook}}", daybook)],
  "/panel.css": ["text/css; charset=utf-8", () => file("panel.css")],
  "/page.js": ["text/javascript; charset=utf-8", () => file("page.js")],
};

/** A token that shows one customer's events for an hour. */
async function mintToken() {
  const response = await fetch(`${daybook}/api/v1/viewer-tokens`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ scope: { ownerId: customer }, minutes: 60 }),
  });
  if (!response.ok) throw new Error(`Daybook refused: ${await response.text()}`);
  return (await response.json()).token;
}

const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? "/", "http://panel").pathname;
  try {
    if (path === "/token" && request.method === "POST") {
      const token = await mintToken();
      response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
      response.end(JSON.stringify({ token, daybook }));
      return;
    }
    const page = pages[path];
    if (page === undefined) {
      response.writeHead(404).end();
      return;
    }
    // As strict as the component allows: its script and its calls, nothing inline.
    const policy = `default-src 'none'; script-src 'self' ${daybook}; style-src 'self'; connect-src 'self' ${daybook}; frame-src ${daybook}; img-src data:`;
    response.writeHead(200, { "content-type": page[0], "content-security-policy": policy });
    response.end(page[1]());
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    response.writeHead(502).end("Daybook does not answer.");
  }
});

server.listen(port, "127.0.0.1", () =>
  process.stdout.write(`The panel is at http://127.0.0.1:${server.address().port}\n`),
);
