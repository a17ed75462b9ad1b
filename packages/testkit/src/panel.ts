import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** What a panel was asked. */
export interface PanelRequest {
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

export interface PanelAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export interface TestPanel {
  address: string;
  requests: PanelRequest[];
  /** How it answers from now on. Undefined: it breaks the connection. */
  answerWith(answer: (request: PanelRequest) => PanelAnswer | undefined | Promise<PanelAnswer>): void;
  close(): Promise<void>;
}

/** A panel's web server that notes what it is asked. */
export async function testPanel(): Promise<TestPanel> {
  const requests: PanelRequest[] = [];
  let answer: (request: PanelRequest) => PanelAnswer | undefined | Promise<PanelAnswer> = () => ({ status: 204 });
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const asked = { headers: request.headers, body };
    requests.push(asked);
    const given = await answer(asked);
    if (given === undefined) response.destroy();
    else response.writeHead(given.status, given.headers).end(given.body);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    answerWith(next) {
      answer = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
