import { Vault } from "../access/vault.ts";
import { endCancelled } from "./cancelled-mails.ts";
import { type MailDeps, MailDesk } from "./mail-desk.ts";
import { TemplateBook } from "./templates/template-book.ts";
import { MailDelivery } from "./wire/mail-delivery.ts";

export interface OpenMail {
  mail: MailDesk;
  vault: Vault;
  templates: TemplateBook;
  /** Stops what works for mail besides the database. */
  close(): Promise<void>;
}

/** Opens what makes mails: the desk that takes them, their templates, and the vault that keeps what must be read again. */
export async function openMail(base: Omit<MailDeps, "vault" | "templates">): Promise<OpenMail> {
  const { data, secretKey } = base.config;
  const vault = new Vault({ data, secretKey });
  const templates = new TemplateBook(base);
  const mail = new MailDesk({ ...base, vault, templates });
  base.tasks.whenEnded(endCancelled(base));
  const delivery = new MailDelivery({ ...base, vault });
  base.tasks.types.define(delivery.definition());
  const close = async () => {
    delivery.close();
    await templates.close();
  };
  return { mail, vault, templates, close };
}
