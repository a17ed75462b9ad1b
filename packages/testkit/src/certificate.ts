import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

export interface CertificateOptions {
  /** Names and addresses that it is for. Left out, localhost and 127.0.0.1. */
  names?: readonly string[];
  /** Its validity ended yesterday. */
  expired?: boolean;
}

const DAY_MS = 24 * 3_600_000;

/** A certificate that vouches for itself, with its key, both as PEM (X.509 v3, RFC 5280; ECDSA with SHA-256 on P-256). */
export function testCertificate(options: CertificateOptions = {}): { key: string; cert: string } {
  const { names = ["localhost", "127.0.0.1"], expired = false } = options;
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const until = Date.now() + (expired ? -DAY_MS : 365 * DAY_MS);
  const algorithm = der(0x30, oid("1.2.840.10045.4.3.2"));
  const commonName = der(0x30, oid("2.5.4.3"), der(0x0c, Buffer.from(names[0] ?? "test")));
  const name = der(0x30, der(0x31, commonName));
  const alternatives = der(0x30, ...names.map(alternative));
  const tbs = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    algorithm,
    name,
    der(0x30, time(Date.now() - 60 * DAY_MS), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, der(0x30, oid("2.5.29.17"), der(0x04, alternatives)))),
  );
  const signature = Buffer.concat([Buffer.of(0), sign("sha256", tbs, privateKey)]);
  const body = der(0x30, tbs, algorithm, der(0x03, signature))
    .toString("base64")
    .replace(/.{1,64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    cert: `-----BEGIN CERTIFICATE-----\n${body}-----END CERTIFICATE-----\n`,
  };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 128) return Buffer.concat([Buffer.of(tag, length), content]);
  const size = length < 256 ? Buffer.of(0x81, length) : Buffer.of(0x82, length >> 8, length & 255);
  return Buffer.concat([Buffer.of(tag), size, content]);
}

function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const septets = [arc & 127];
    for (let left = arc >> 7; left > 0; left >>= 7) septets.unshift((left & 127) | 128);
    bytes.push(...septets);
  }
  return der(0x06, Buffer.from(bytes));
}

/** UTCTime: YYMMDDhhmmssZ. */
function time(ms: number): Buffer {
  return der(0x17, Buffer.from(new Date(ms).toISOString().slice(2, 19).replace(/\D/g, "").concat("Z")));
}

function alternative(name: string): Buffer {
  return isIP(name) === 4 ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name));
}
