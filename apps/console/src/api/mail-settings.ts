import type {
  DomainCheck,
  MailProvider,
  MailProviderState,
  Transport,
  TransportSettings,
  TransportTestResult,
} from "@daybook/contract";
import { queryOptions } from "@tanstack/react-query";
import { request } from "./request.ts";

interface List<T> {
  items: T[];
}

/** How mails leave, in the order in which they are tried. */
export function transportsQuery(workspace: string) {
  return queryOptions({
    queryKey: ["transports", workspace],
    queryFn: async ({ signal }) =>
      (await request<List<Transport>>("/mail/transports", { workspace, signal })).items.toSorted(
        (a, b) => a.position - b.position,
      ),
  });
}

const transportPath = (name: string) => `/mail/transports/${encodeURIComponent(name)}`;

export function saveTransport(workspace: string, name: string, settings: TransportSettings): Promise<Transport> {
  return request(transportPath(name), { method: "PUT", workspace, body: settings });
}

export function deleteTransport(workspace: string, name: string): Promise<void> {
  return request(transportPath(name), { method: "DELETE", workspace });
}

/** Sends a mail by one transport and tells how it went, word for word. */
export function testTransport(workspace: string, name: string, to: string | undefined): Promise<TransportTestResult> {
  return request(`${transportPath(name)}/test-messages`, { method: "POST", workspace, body: to ? { to } : {} });
}

/** What the DNS says of a sender's domain now; asked for anew each time. */
export function domainQuery(workspace: string, domain: string) {
  return queryOptions({
    queryKey: ["mail-domain", workspace, domain],
    staleTime: 0,
    queryFn: ({ signal }) => request<DomainCheck>(`/mail/domains/${encodeURIComponent(domain)}`, { workspace, signal }),
  });
}

export function providersQuery(workspace: string) {
  return queryOptions({
    queryKey: ["mail-providers", workspace],
    queryFn: async ({ signal }) =>
      (await request<List<MailProviderState>>("/mail/providers", { workspace, signal })).items,
  });
}

export function saveProvider(workspace: string, provider: MailProvider, secret: string): Promise<MailProviderState> {
  return request(`/mail/providers/${provider}`, { method: "PUT", workspace, body: { secret } });
}

export function deleteProvider(workspace: string, provider: MailProvider): Promise<void> {
  return request(`/mail/providers/${provider}`, { method: "DELETE", workspace });
}
