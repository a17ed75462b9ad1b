import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { parseAllowedHosts } from "./callable-address.ts";
import { guardedFetch, type Resolved } from "./guarded-fetch.ts";

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

/** A web server on the loopback; gives its port. */
async function webServer(handler: RequestListener, port = 0, address = "127.0.0.1"): Promise<number> {
  const server = createServer(handler).listen(port, address);
  servers.push(server);
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const nothing = parseAllowedHosts([]);
const to =
  (...addresses: string[]) =>
  async (): Promise<Resolved[]> =>
    addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));

const refused = (detail: string) =>
  expect.objectContaining({ code: "address_refused", message: expect.stringContaining(detail) });

describe("an address that is not on the public internet is refused, however it is written", () => {
  test.each([
    ["loopback", "https://127.0.0.1/"],
    ["loopback, another one", "https://127.8.9.10/"],
    ["loopback as a number", "https://2130706433/"],
    ["loopback in hex", "https://0x7f.1/"],
    ["loopback in octal", "https://0177.0.0.1/"],
    ["loopback of IPv6", "https://[::1]/"],
    ["unspecified", "https://0.0.0.0/"],
    ["unspecified of IPv6", "https://[::]/"],
    ["private 10", "https://10.0.0.1/"],
    ["private 172.16", "https://172.31.255.255/"],
    ["private 192.168", "https://192.168.1.1/"],
    ["carrier-grade NAT", "https://100.64.0.1/"],
    ["link-local and metadata", "https://169.254.169.254/latest/meta-data/"],
    ["metadata of Azure", "https://168.63.129.16/"],
    ["metadata over IPv6", "https://[fd00:ec2::254]/"],
    ["link-local of IPv6", "https://[fe80::1]/"],
    ["site-local of IPv6", "https://[fec0::1]/"],
    ["unique local of IPv6", "https://[fd12:3456::1]/"],
    ["multicast", "https://224.0.0.1/"],
    ["multicast of IPv6", "https://[ff02::1]/"],
    ["broadcast", "https://255.255.255.255/"],
    ["IPv4-mapped loopback", "https://[::ffff:127.0.0.1]/"],
    ["IPv4-mapped private, in hex", "https://[::ffff:a00:1]/"],
    ["IPv4-compatible", "https://[::127.0.0.1]/"],
    ["6to4 of loopback", "https://[2002:7f00:1::]/"],
    ["NAT64", "https://[64:ff9b::7f00:1]/"],
    ["local NAT64", "https://[64:ff9b:1::1]/"],
    ["Teredo", "https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/"],
    ["documentation", "https://203.0.113.9/"],
    ["benchmarks", "https://198.18.0.1/"],
  ])("%s: %s", async (_, url) => {
    await expect(guardedFetch(url, {}, { allowed: nothing })).rejects.toThrow(refused("not on the public internet"));
    // The same when a name leads there.
    const address = new URL(url).hostname.replace(/^\[|\]$/g, "");
    const options = { allowed: nothing, resolve: to(address) };
    await expect(guardedFetch("https://panel.example/", {}, options)).rejects.toThrow(refused(address));
  });
});

test.each([
  ["http://panel.example/", "https only"],
  ["http://8.8.8.8/", "https only"],
  ["https://dana:lamp@panel.example/", "user name"],
  ["https://panel.example:22/", "Port 22"],
  ["ftp://panel.example/", "not an https address"],
  ["file:///etc/passwd", "not an https address"],
  ["panel.example", "not an https address"],
])("%s is refused before anything is asked or called", async (url, why) => {
  const resolve = (): never => expect.fail("the name was asked for");
  await expect(guardedFetch(url, {}, { allowed: nothing, resolve })).rejects.toThrow(refused(why));
});

test("a host that is allowed by its name, by address or by block may be private and plain http", async () => {
  const port = await webServer((request, response) => void response.end(`host ${request.headers.host}`));
  for (const allowed of ["panel.example", "127.0.0.1", "127.0.0.0/8"]) {
    const options = { allowed: parseAllowedHosts([allowed]), resolve: to("127.0.0.1") };
    expect(await guardedFetch(`http://Panel.Example.:${port}/x`, {}, options)).toMatchObject({ status: 200 });
  }
  const byAddress = { allowed: parseAllowedHosts(["127.0.0.1"]) };
  const answer = await guardedFetch(`http://127.0.0.1:${port}/`, {}, byAddress);
  expect(answer).toMatchObject({ status: 200, text: `host 127.0.0.1:${port}`, isCut: false });
});

test("what is allowed is allowed alone", async () => {
  const port = await webServer((_, response) => void response.end("reached"));
  const allowed = parseAllowedHosts(["panel.example", "10.1.0.0/16"]);
  const call = (host: string, address: string) =>
    guardedFetch(`http://${host}:${port}/`, {}, { allowed, resolve: to(address) });
  await expect(call("other.example", "127.0.0.1")).rejects.toThrow(refused("other.example leads to 127.0.0.1"));
  await expect(call("panel.example.org", "127.0.0.1")).rejects.toThrow(refused("panel.example.org"));
  await expect(call("other.example", "8.8.8.8")).rejects.toThrow(refused("https only"));
  await expect(call("panel.example", "169.254.169.254")).rejects.toThrow(refused("169.254.169.254"));
  await expect(call("panel.example", "224.0.0.1")).rejects.toThrow(refused("224.0.0.1"));
});

test("a name is asked for once: one that leads elsewhere the next time changes nothing", async () => {
  const port = await webServer((_, response) => void response.end("the address that was judged"), 0, "127.0.0.2");
  await webServer((_, response) => void response.end("what the name leads to by then"), port, "127.0.0.1");
  let asked = 0;
  const rebinding = (): Promise<Resolved[]> => to(asked++ === 0 ? "127.0.0.2" : "127.0.0.1")();
  const options = { allowed: parseAllowedHosts(["127.0.0.2"]), resolve: rebinding };
  const answer = await guardedFetch(`http://rebind.example:${port}/`, {}, options);
  expect({ asked, text: answer.text }).toEqual({ asked: 1, text: "the address that was judged" });
  await expect(guardedFetch(`http://rebind.example:${port}/`, {}, options)).rejects.toThrow(refused("127.0.0.1"));
});

test("the connection goes to the address that was judged, not to what the system makes of the name", async () => {
  const port = await webServer((request, response) => void response.end(request.headers.host));
  const options = { allowed: parseAllowedHosts(["does-not-exist.invalid"]), resolve: to("127.0.0.1") };
  const answer = await guardedFetch(`http://does-not-exist.invalid:${port}/`, {}, options);
  expect(answer.text).toBe(`does-not-exist.invalid:${port}`);
});

test("of several addresses only those that may be called are called", async () => {
  const port = await webServer((_, response) => void response.end("reached"));
  const allowed = parseAllowedHosts(["127.0.0.1"]);
  const options = { allowed, resolve: to("169.254.169.254", "10.0.0.1", "127.0.0.1") };
  expect((await guardedFetch(`http://panel.example:${port}/`, {}, options)).text).toBe("reached");
});

const local = { allowed: parseAllowedHosts(["127.0.0.1"]) };

test("a redirect is an answer, and is not followed", async () => {
  const port = await webServer((_, response) => {
    response.writeHead(302, { location: "http://169.254.169.254/" }).end();
  });
  expect(await guardedFetch(`http://127.0.0.1:${port}/`, {}, local)).toMatchObject({
    status: 302,
    headers: { location: "http://169.254.169.254/" },
  });
});

test("an answer without end is cut after 64 KiB", async () => {
  const port = await webServer((_, response) => {
    const more = (): void => {
      if (!response.destroyed) response.write("x".repeat(10_000), () => setImmediate(more));
    };
    more();
  });
  const answer = await guardedFetch(`http://127.0.0.1:${port}/`, {}, local);
  expect(answer.text).toHaveLength(64 * 1024);
  expect(answer.isCut).toBe(true);
});

test("an answer that does not come, a body that stops and a name that is not found in time end the call", async () => {
  const silent = await webServer(() => {});
  const halting = await webServer((_, response) => void response.write("begun"));
  const options = { ...local, timeoutMs: 200 };
  for (const port of [silent, halting])
    await expect(guardedFetch(`http://127.0.0.1:${port}/`, {}, options)).rejects.toMatchObject({
      name: "TimeoutError",
    });
  const never = { ...options, resolve: () => new Promise<never>(() => {}) };
  await expect(guardedFetch("https://panel.example/", {}, never)).rejects.toMatchObject({ name: "TimeoutError" });
});

test("method, headers and body arrive as they were given", async () => {
  const port = await webServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => response.writeHead(202).end(`${request.method} ${request.headers["x-one"]} ${body}`));
  });
  const answer = await guardedFetch(
    `http://127.0.0.1:${port}/`,
    { method: "POST", headers: { "x-one": "1" }, body: "Zürich" },
    local,
  );
  expect(answer).toMatchObject({ status: 202, text: "POST 1 Zürich" });
});
