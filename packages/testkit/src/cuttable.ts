import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Cuttable {
  /** http://127.0.0.1:<port>, which leads to the server. */
  address: string;
  /** Where connections lead from now on: a server may come back at another address. */
  leadTo(address: string): void;
  /** Breaks every connection; new ones are refused until `mend`. */
  cut(): void;
  /** From now on, each connection breaks after so many bytes from the client have passed. */
  cutAfterBytes(count: number | undefined): void;
  mend(): void;
  close(): Promise<void>;
}

/** A line to a server that can be cut. */
export async function cuttable(target: string): Promise<Cuttable> {
  let { hostname, port } = new URL(target);
  let whole = true;
  let bytesMax: number | undefined;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    if (!whole) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(Number(port), hostname);
    let bytes = 0;
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on("data", (chunk: Buffer) => {
        if (from === client) bytes += chunk.length;
        to.write(chunk);
        if (bytesMax !== undefined && bytes > bytesMax) for (const socket of [client, upstream]) socket.destroy();
      });
      from.on("error", () => {});
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(address) {
      ({ hostname, port } = new URL(address));
    },
    cut() {
      whole = false;
      for (const socket of open) socket.destroy();
    },
    cutAfterBytes(count) {
      bytesMax = count;
    },
    mend() {
      whole = true;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
