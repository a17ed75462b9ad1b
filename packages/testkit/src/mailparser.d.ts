// mailparser brings no types: what the tests read of a mail.
declare module "mailparser" {
  interface Addresses {
    text: string;
    value: { address?: string; name: string }[];
  }
  export interface ParsedMail {
    subject?: string;
    from?: Addresses;
    to?: Addresses;
    replyTo?: Addresses;
    messageId?: string;
    date?: Date;
    text?: string;
    html?: string | false;
    headerLines: { key: string; line: string }[];
    attachments: { filename?: string; contentType: string; content: Buffer; cid?: string }[];
  }
  export function simpleParser(source: Buffer | string): Promise<ParsedMail>;
}
