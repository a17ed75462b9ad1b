import { type MailAddressPage, mailClassTexts } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { count, plural } from "../../lib/numbers.ts";
import { lostOf, percentText, shareOf } from "../mail-log/rates.ts";

interface DomainHealthProps {
  workspace: string;
  domain: MailAddressPage["domain"];
}

/** How mail fares with the whole domain: it tells whether it is this address or its mail server. */
export function DomainHealth({ workspace, domain: { domain, days, totals, classes } }: DomainHealthProps) {
  const share = shareOf(totals);
  const search = { address: `@${domain}`, range: "30d" } as const;
  return (
    <section aria-labelledby="domain">
      <h3 id="domain">
        {domain}, the last {days} days
      </h3>
      <p>
        {totals.queued === 0 ? (
          "No mail went to this domain."
        ) : (
          <>
            <b className={lostOf(totals) > 0 ? undefined : "ok"}>{percentText(share)}</b> of{" "}
            <Link to="/w/$workspace/mail-log" params={{ workspace }} search={search as never}>
              {plural(totals.queued, "mail")}
            </Link>{" "}
            came through.{" "}
            {share !== null && share < 0.9
              ? "Others of this domain do not get theirs either: it is likely its mail server."
              : lostOf(totals) > 0
                ? "Others of this domain get theirs."
                : ""}
          </>
        )}
      </p>
      {classes.length > 0 ? (
        <ul className="domain-classes">
          {classes.map(({ class: fault, count: number }) => (
            <li key={fault}>
              <Link to="/w/$workspace/mail-log" params={{ workspace }} search={{ ...search, class: fault } as never}>
                {count(number)}
              </Link>{" "}
              <span>{mailClassTexts[fault]}</span>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
