import type { Transport, TransportSettings } from "@daybook/contract";

/** What the form of a transport holds: texts as they are typed. */
export interface TransportValues {
  name: string;
  host: string;
  port: string;
  security: TransportSettings["security"];
  user: string;
  password: string;
  position: string;
  enabled: boolean;
  connections: string;
  perSecond: string;
  perDomainPerMinute: string;
  allowSelfSigned: boolean;
  clientName: string;
  signs: boolean;
  dkimDomain: string;
  dkimSelector: string;
  dkimKey: string;
}

export const usualPorts: Record<TransportSettings["security"], string> = { starttls: "587", tls: "465", none: "25" };

export function newTransport(position: number): TransportValues {
  return {
    name: "",
    host: "",
    port: usualPorts.starttls,
    security: "starttls",
    user: "",
    password: "",
    position: String(position),
    enabled: true,
    connections: "5",
    perSecond: "",
    perDomainPerMinute: "",
    allowSelfSigned: false,
    clientName: "",
    signs: false,
    dkimDomain: "",
    dkimSelector: "daybook",
    dkimKey: "",
  };
}

export function valuesOf(transport: Transport): TransportValues {
  const { name, host, port, security, user, position, enabled, connections, allowSelfSigned, dkim } = transport;
  const { perSecond, perDomainPerMinute, clientName } = transport;
  return {
    ...{ name, host, security, enabled, allowSelfSigned },
    port: String(port),
    user: user ?? "",
    password: "",
    position: String(position),
    connections: String(connections),
    perSecond: perSecond === undefined ? "" : String(perSecond),
    perDomainPerMinute: perDomainPerMinute === undefined ? "" : String(perDomainPerMinute),
    clientName: clientName ?? "",
    signs: dkim !== undefined,
    dkimDomain: dkim?.domain ?? "",
    dkimSelector: dkim?.selector ?? "daybook",
    dkimKey: "",
  };
}

/** What is sent: secrets only if they were typed, since those that are left out stay. */
export function settingsOf(values: TransportValues): TransportSettings {
  const { host, security, enabled, allowSelfSigned, user, password, clientName, perSecond, perDomainPerMinute } =
    values;
  const { signs, dkimDomain, dkimSelector, dkimKey } = values;
  return {
    ...{ host: host.trim(), security, enabled, allowSelfSigned },
    port: Number(values.port),
    position: Number(values.position),
    connections: Number(values.connections),
    ...(user.trim() && { user: user.trim() }),
    ...(password && { password }),
    ...(perSecond && { perSecond: Number(perSecond) }),
    ...(perDomainPerMinute && { perDomainPerMinute: Number(perDomainPerMinute) }),
    ...(clientName.trim() && { clientName: clientName.trim() }),
    dkim: signs
      ? {
          domain: dkimDomain.trim(),
          selector: dkimSelector.trim(),
          ...(dkimKey.trim() && { privateKey: `${dkimKey.trim()}\n` }),
        }
      : null,
  };
}
