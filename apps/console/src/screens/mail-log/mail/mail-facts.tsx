import type { MailDelivery, MailDetail } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { FullTime } from "../../../ui/time.tsx";
import { targetName } from "../../activity/sentence.ts";
import { PartyLink, targetParty } from "../../party/party-link.tsx";
import { MailMark } from "../mail-mark.tsx";
import { type MailPatch, useMailView } from "../use-mail-view.ts";
import { Recipient } from "./recipient.tsx";

const deliveries: Record<MailDelivery, string> = {
  daybook: "Daybook",
  relay: "Daybook, taken in by its SMTP relay",
  external: "the panel, which reported it",
  imported: "another mail server, from its log",
};

/** From whom, to whom, about what, which type: as terms that lead on. */
export function MailFacts({ workspace, mail }: { workspace: string; mail: MailDetail }) {
  const asked = mail.timeline.find(({ happening }) => happening === "queued" || happening === "reported")?.by;
  return (
    <section>
      <h3>Facts</h3>
      <dl className="facts mail-facts">
        <Fact name="To">
          {mail.to.name ? `${mail.to.name} ` : ""}
          <Recipient workspace={workspace} mail={mail} />{" "}
          {mail.to.address.includes("@") ? (
            <More workspace={workspace} patch={{ address: mail.to.address }} what="its mails" />
          ) : null}
        </Fact>
        <Fact name="From">
          {mail.from.name ? `${mail.from.name} ` : ""}
          <span className="soft">{mail.from.address}</span>
        </Fact>
        {mail.user ? (
          <Fact name="For">
            <PartyLink workspace={workspace} party={{ kind: "actor", type: "user", id: mail.user.id }}>
              {mail.user.name ?? mail.user.id}
            </PartyLink>{" "}
            <More workspace={workspace} patch={{ user: mail.user.id }} what="mails of this user" />
          </Fact>
        ) : null}
        {mail.targets.map((target, index) => (
          <Fact key={`${target.type}/${target.id}`} name={index === 0 ? "About" : "and"}>
            <PartyLink workspace={workspace} party={targetParty(target)}>
              {targetName(target)}
            </PartyLink>{" "}
            <span className="soft">{target.type}</span>{" "}
            <More workspace={workspace} patch={{ target: `${target.type}/${target.id}` }} what="its mails" />
          </Fact>
        ))}
        {mail.template ? (
          <Fact name="Type">
            {mail.templateVersion === undefined ? (
              <span className="type-badge">{mail.template}</span>
            ) : (
              <Link
                className="type-badge"
                to="/w/$workspace/mail-templates/$name"
                params={{ workspace, name: mail.template }}
                search={mail.locale ? { locale: mail.locale } : {}}
                title="The template as it is now"
              >
                {mail.template}
              </Link>
            )}{" "}
            <span className="soft">
              {mail.templateVersion === undefined
                ? ""
                : mail.templateVersion === 0
                  ? "as shipped"
                  : `version ${mail.templateVersion}`}
              {mail.locale ? `, ${mail.locale}` : ""}
            </span>{" "}
            <More workspace={workspace} patch={{ template: mail.template }} what="mails of this type" />
          </Fact>
        ) : null}
        {asked ? <Fact name="Asked by">{asked}</Fact> : null}
        <Related workspace={workspace} mail={mail} />
        <HowAndWhen mail={mail} />
      </dl>
    </section>
  );
}

/** The mails and the task that belong to it. */
function Related({ workspace, mail }: { workspace: string; mail: MailDetail }) {
  return (
    <>
      {mail.resendOf ? (
        <Fact name="Resend of">
          <Link to="/w/$workspace/mail-log/$id" params={{ workspace, id: mail.resendOf }}>
            an earlier mail
          </Link>
        </Fact>
      ) : null}
      {mail.resends.map((resend, index) => (
        <Fact key={resend.id} name={index === 0 ? "Sent again" : "and"}>
          <Link to="/w/$workspace/mail-log/$id" params={{ workspace, id: resend.id }}>
            to {resend.to}
          </Link>{" "}
          <MailMark status={resend.status} />
        </Fact>
      ))}
      {mail.taskId ? (
        <Fact name="Task">
          <Link to="/w/$workspace/tasks/$id" params={{ workspace, id: mail.taskId }}>
            its delivery
          </Link>
        </Fact>
      ) : null}
    </>
  );
}

function HowAndWhen({ mail }: { mail: MailDetail }) {
  return (
    <>
      <Fact name="Sent by">
        {deliveries[mail.delivery]}
        {mail.transport ? <span className="soft"> · {mail.transport}</span> : null}
        {mail.provider ? <span className="soft"> · {mail.provider}</span> : null}
      </Fact>
      <Fact name="Queued">
        <FullTime at={mail.queuedAt} />
      </Fact>
      {mail.sentAt ? (
        <Fact name="Sent">
          <FullTime at={mail.sentAt} />
        </Fact>
      ) : null}
      {mail.sizeBytes ? <Fact name="Size">{Math.max(1, Math.round(mail.sizeBytes / 1024))} KB</Fact> : null}
      {mail.queueId ? (
        <Fact name="Queue id">
          <span className="mono" title="Of the mail server that took it: look for it in its log">
            {mail.queueId}
          </span>
        </Fact>
      ) : null}
      {mail.messageId ? (
        <Fact name="Message-ID">
          <span className="mono">{mail.messageId}</span>
        </Fact>
      ) : null}
      <Fact name="Id">
        <span className="mono">{mail.id}</span>
      </Fact>
    </>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

/** Others like it: beside the list as a filter of it, else as a link to the list. */
function More({ workspace, patch, what }: { workspace: string; patch: MailPatch; what: string }) {
  const view = useMailView();
  if (view)
    return (
      <button type="button" className="linklike more-like" onClick={() => view.change(patch)}>
        {what}
      </button>
    );
  return (
    <Link className="more-like" to="/w/$workspace/mail-log" params={{ workspace }} search={patch as never}>
      {what}
    </Link>
  );
}
