import { type MailAddressPage, type MailRates, mailClassTexts } from "@daybook/contract";
import { Link } from "@tanstack/react-router";
import { count, plural } from "../../lib/numbers.ts";
import { lostOf, percentText, shareOf } from "../mail-log/rates.ts";

interface DomainHealthProps {
  workspace: string;
  page: MailAddressPage;
}

/** How mail fares with the whole domain: it tells whether it is this address or its mail server. */
export function DomainHealth({ workspace, page }: DomainHealthProps) {
  const { domain, days, totals, classes } = page.domain;
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
            came through. {saidOfOthers(page)}
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

/** Below it, something is wrong with the domain rather than with one address. */
const GOOD_SHARE = 0.9;

/** How the others of the domain fare; nothing where this address is older than the figures, so that it cannot be taken out of them. */
function saidOfOthers({ totals, firstAt, domain }: MailAddressPage): string {
  if (firstAt === undefined || Date.parse(firstAt) < Date.now() - domain.days * 86_400_000) return "";
  const share = shareOf(withoutOne(domain.totals, totals));
  if (share === null) return "Nobody else of this domain was written to.";
  return share < GOOD_SHARE
    ? "Others of this domain do not get theirs either: it is likely its mail server."
    : "Others of this domain get theirs.";
}

function withoutOne(all: MailRates, one: MailRates): MailRates {
  const names = Object.keys(all) as (keyof MailRates)[];
  return Object.fromEntries(names.map((name) => [name, Math.max(0, all[name] - one[name])])) as MailRates;
}
