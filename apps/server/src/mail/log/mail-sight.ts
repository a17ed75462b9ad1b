import type { Json, MailContent, MailDetail, MailMessage } from "@daybook/contract";
import type { Access } from "../../access/access.ts";
import { MASK, maskJson, maskText } from "../../record/personal.ts";

/** Whether addresses and names of recipients are shown. An API key needs the permission too. */
export const seesPersonal = (access: Pick<Access, "permissions">): boolean => access.permissions.has("logs.personal");

/** A mail as a caller may see it: without `logs.personal` the recipient is masked, and addresses in texts are. */
export function forSight<T extends MailMessage>(access: Pick<Access, "permissions">, mail: T): T {
  return seesPersonal(access) ? mail : maskMail(mail);
}

/** The same in full: its timeline, attempts and resends. */
export function detailForSight(access: Pick<Access, "permissions">, mail: MailDetail): MailDetail {
  if (seesPersonal(access)) return mail;
  return {
    ...maskMail(mail),
    timeline: mail.timeline.map((each) => ({ ...each, ...masked({ by: each.by, note: each.note }) })),
    attemptList: mail.attemptList.map((each) => ({ ...each, ...masked({ line: each.line }) })),
    resends: mail.resends.map((each) => ({ ...each, to: MASK })),
  };
}

/** What a mail said, as a caller may see it. */
export function contentForSight(access: Pick<Access, "permissions">, content: MailContent): MailContent {
  if (seesPersonal(access)) return content;
  return {
    ...content,
    headers: content.headers.map(({ name, value }) => ({ name, value: isParty(name) ? MASK : maskText(value) })),
    ...masked({ html: content.html, text: content.text }),
    ...(content.variables === undefined ? {} : { variables: maskJson(content.variables as Json) }),
  };
}

function maskMail<T extends MailMessage>(mail: T): T {
  const { user } = mail;
  return {
    ...mail,
    subject: maskText(mail.subject),
    from: { ...mail.from, address: MASK, ...masked({ name: mail.from.name }) },
    to: { address: MASK, ...(mail.to.name === undefined ? {} : { name: MASK }) },
    targets: maskJson(mail.targets as Json) as MailMessage["targets"],
    ...masked({ messageId: mail.messageId, answer: mail.answer, project: mail.project }),
    ...(user === undefined ? {} : { user: { ...user, id: maskText(user.id), ...masked({ name: user.name }) } }),
  };
}

/** Headers that name people. */
const isParty = (name: string): boolean => /^(?:from|to|cc|bcc|sender|reply-to|return-path|delivered-to)$/i.test(name);

/** The members that are there, masked. */
function masked<T extends Record<string, string | undefined>>(texts: T): Partial<Record<keyof T, string>> {
  return Object.fromEntries(
    Object.entries(texts).flatMap(([name, text]) => (text === undefined ? [] : [[name, maskText(text)]])),
  ) as Partial<Record<keyof T, string>>;
}
