import { type MailMessage, mailClasses, mailClassTexts } from "@daybook/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { mailStatsQuery } from "../../api/mail.ts";
import { type Offer, offersIn, WordFilter } from "../../ui/word-filter.tsx";
import { type WordKey, wordFilters } from "./mail-search.ts";
import type { MailView } from "./use-mail-view.ts";

/** The filters by type, recipient, user, server, fault and transport, each a button that says its value. */
export function MailFilters({ view, rows }: { view: MailView; rows: readonly MailMessage[] }) {
  const [asksTypes, setAsksTypes] = useState(false);
  const { workspace, filter, search, change } = view;
  const { from, to } = filter;
  const range = { ...(from && { from }), ...(to && { to }) };
  const types = useQuery({ ...mailStatsQuery({ workspace, filter: range }, 1), enabled: asksTypes }).data?.templates;
  return wordFilters.map(({ key, name, hint }) => (
    <WordFilter
      key={key}
      name={name}
      hint={hint}
      value={search[key]}
      offers={() =>
        key === "class"
          ? mailClasses.map((value) => ({ value, text: mailClassTexts[value] }))
          : key === "template" && types
            ? types.map(({ template }) => ({ value: template }))
            : offersIn(rows, (mail) => offersOf(key, mail))
      }
      onOpen={() => setAsksTypes(asksTypes || key === "template")}
      onChoose={(value) => change({ [key]: value })}
    />
  ));
}

/** The values that a row offers. */
function offersOf(filter: WordKey, mail: MailMessage): Offer[] {
  if (filter === "user") return mail.user ? [{ value: mail.user.id, text: mail.user.name }] : [];
  if (filter === "target")
    return mail.targets.map(({ type, id, name }) => ({ value: `${type}/${id}`, text: name === id ? undefined : name }));
  if (filter === "address") return mail.to.address.includes("@") ? domainAnd(mail.to) : [];
  const value = mail[filter];
  return value === undefined ? [] : [{ value }];
}

function domainAnd({ address, name }: MailMessage["to"]): Offer[] {
  const domain = address.slice(address.lastIndexOf("@"));
  return [
    { value: address, text: name },
    { value: domain, text: `all of ${domain}` },
  ];
}
