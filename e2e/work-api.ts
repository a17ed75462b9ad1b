import type { Stand } from "./stand.ts";

/** Calls the API as the panel would: with a key that may report tasks and set schedules. */
export type Caller = <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>;

export async function caller(stand: Stand, scopes = "events:write,tasks:write,schedules:write"): Promise<Caller> {
  const made = await stand.daybook("keys", "create", "--name", "panel", "--scope", scopes, "--json");
  const { key } = JSON.parse(made.out) as { key: string };
  return async (method, path, body) => {
    const response = await fetch(`${stand.server.address}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was refused: ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as never;
  };
}
