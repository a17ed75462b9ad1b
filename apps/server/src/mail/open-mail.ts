import { Vault } from "../access/vault.ts";
import { type MailDeps, MailDesk } from "./mail-desk.ts";

export interface OpenMail {
  mail: MailDesk;
  vault: Vault;
  /** Stops what works for mail besides the database. */
  close(): Promise<void>;
}

/** Opens what makes mails: the desk that takes them, and the vault that keeps what must be read again. */
export async function openMail(base: Omit<MailDeps, "vault">): Promise<OpenMail> {
  const { data, secretKey } = base.config;
  const vault = new Vault({ data, secretKey });
  const mail = new MailDesk({ ...base, vault });
  return { mail, vault, close: async () => {} };
}
