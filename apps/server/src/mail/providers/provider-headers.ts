const postmarkHost = /(?:^|\.)postmarkapp\.com\.?$/i;

/**
 * The message as it goes to a mail server, with what a provider has to be told so that its reports lead back to the mail. Only Postmark has to: it
 * writes a Message-ID of its own, and neither its answer nor its reports name ours (postmarkapp.com, Custom metadata: at most 20 characters a name).
 */
export function forProvider(mime: Buffer, host: string, mailId: string): Buffer {
  if (!postmarkHost.test(host)) return mime;
  return Buffer.concat([Buffer.from(`X-PM-Metadata-daybook-message-id: ${mailId}\r\n`), mime]);
}
