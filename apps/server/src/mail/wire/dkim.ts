import DKIM from "nodemailer/lib/dkim";

export interface DkimKey {
  domain: string;
  selector: string;
  /** PEM. */
  privateKey: string;
}

/** Puts a DKIM signature (RFC 6376, relaxed/relaxed, rsa-sha256) in front of a message. */
export async function signMail(mime: Buffer, { domain, selector, privateKey }: DkimKey): Promise<Buffer> {
  const dkim = new DKIM({ domainName: domain, keySelector: selector, privateKey });
  const chunks: Buffer[] = [];
  for await (const chunk of dkim.sign(mime)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
