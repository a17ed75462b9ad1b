import { createPrivateKey, createPublicKey } from "node:crypto";
import { AppError } from "@daybook/contract";

/** What mail programs ask of a key at least (RFC 8301, 3.2). */
const BITS_MIN = 1_024;

/** The TXT record for a private key (RFC 6376, 3.6.1), which belongs at `<selector>._domainkey.<domain>`. */
export function dkimRecord(privateKey: string): string {
  const key = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return `v=DKIM1; k=rsa; p=${key.toString("base64")}`;
}

/** Throws invalid_request unless it is an RSA key that can sign. */
export function checkDkimKey(privateKey: string): void {
  const fault = faultOf(privateKey);
  if (fault === undefined) return;
  throw new AppError("invalid_request", `The DKIM key ${fault}.`, {
    errors: [{ pointer: "/dkim/privateKey", code: "invalid", message: fault }],
  });
}

function faultOf(privateKey: string): string | undefined {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(privateKey);
    if (asymmetricKeyType !== "rsa") return "is no RSA key";
    return (asymmetricKeyDetails?.modulusLength ?? 0) < BITS_MIN ? `has fewer than ${BITS_MIN} bits` : undefined;
  } catch {
    return "cannot be read: it must be PEM, -----BEGIN PRIVATE KEY-----";
  }
}
