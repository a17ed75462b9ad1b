import { once } from "node:events";
import { connect } from "node:net";
import { AppError } from "@daybook/contract";
import pino from "pino";
import { expect, test } from "vitest";
import { z } from "zod";
import { type Config, configWith } from "../config.ts";
import { registerConsoleFiles } from "./console-files.ts";
import { createServer } from "./server.ts";

async function app(changes: Partial<Config> = {}) {
  const server = createServer({ config: configWith(changes), log: pino({ level: "silent" }) });
  await registerConsoleFiles(server, "/nowhere");
  server.post("/api/things", { schema: { body: z.object({ name: z.string(), size: z.number() }) } }, async () => ({
    ok: true,
  }));
  server.get("/api/busy", async () => {
    throw new AppError("overloaded", "Too much at once.", { retryAfterSeconds: 1.2, extra: { limit: "bodyBytesMax" } });
  });
  server.get("/api/broken", async () => {
    throw new Error("the cause, which clients must not see");
  });
  return server;
}

test("a body that the schema refuses is answered with a pointer to each fault", async () => {
  const server = await app();
  const reply = await server.inject({ method: "POST", url: "/api/things", payload: { name: 5, size: "x" } });
  expect(reply.statusCode).toBe(400);
  expect(reply.headers["content-type"]).toContain("application/problem+json");
  const problem = reply.json();
  expect(problem.code).toBe("invalid_request");
  expect(problem.errors.map((fault: { pointer: string }) => fault.pointer)).toEqual(["/name", "/size"]);
  expect(problem.requestId).toBe(reply.headers["x-request-id"]);
  expect(problem.requestId).toMatch(/^req_/);
});

test("an AppError keeps its code, its retry time and its further members", async () => {
  const reply = await (await app()).inject("/api/busy");
  expect(reply.statusCode).toBe(503);
  expect(reply.headers["retry-after"]).toBe("2");
  expect(reply.json()).toMatchObject({ code: "overloaded", detail: "Too much at once.", limit: "bodyBytesMax" });
});

test("an unforeseen error tells the client nothing but the request id", async () => {
  const reply = await (await app()).inject("/api/broken");
  expect(reply.statusCode).toBe(500);
  expect(reply.body).not.toContain("clients must not see");
  expect(reply.json().code).toBe("internal");
});

test("a body that is not JSON, of another type or too large has a code of its own", async () => {
  const server = await app();
  const post = (payload: string, type: string) =>
    server.inject({ method: "POST", url: "/api/things", payload, headers: { "content-type": type } });
  expect((await post("{", "application/json")).json().code).toBe("invalid_json");
  expect((await post("a", "text/html")).json().code).toBe("unsupported_media_type");
  expect((await post(JSON.stringify("x".repeat(1024 * 1024)), "application/json")).json().code).toBe("body_too_large");
});

test("an unknown call is a problem, an unknown page is the console's", async () => {
  const server = await app();
  expect((await server.inject("/api/v1/nothing")).json().code).toBe("not_found");
  expect((await server.inject({ method: "POST", url: "/settings" })).statusCode).toBe(404);
  const page = await server.inject("/activity");
  expect(page.statusCode).toBe(503);
  expect(page.body).toContain("The console is not built");
});

/** Sends a request in pieces, 400 ms apart; resolves with what came back before the connection closed. */
async function inPieces(port: number, pieces: string[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let received = "";
  socket.on("data", (chunk) => {
    received += chunk.toString();
  });
  const closed = once(socket, "close");
  for (const piece of pieces) {
    socket.write(piece);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  await closed;
  return received;
}

test("a slow request goes through, a silent one is cut off", async () => {
  const server = await app({ idleTimeoutSeconds: 1 });
  await server.listen({ port: 0, host: "127.0.0.1" });
  const { port } = server.server.address() as { port: number };
  const body = '{"name":"a","size":1}';
  const head = `POST /api/things HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  expect(
    await inPieces(port, [head, body.slice(0, 5), body.slice(5, 10), body.slice(10, 15), body.slice(15)]),
  ).toContain("200 OK");
  expect(await inPieces(port, [head, body.slice(0, 5)])).not.toContain("200 OK");
  await server.close();
});
