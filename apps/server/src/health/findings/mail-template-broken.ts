import type { Finding } from "@daybook/contract";
import type { Facts } from "./facts.ts";

/** A mail template cannot be rendered as it was saved last. */
export function mailTemplateBroken({ templates }: Facts): Finding[] {
  return templates.map(({ name, locale, version, by, fault, instead }) => ({
    code: "mail_template_broken",
    about: `${name} (${locale})`,
    severity: instead === undefined ? "critical" : "warning",
    title: `The mail template ${name} cannot be rendered`,
    found: `Version ${version} of ${locale}${by === undefined ? "" : `, saved by ${by}`}: ${fault}. ${sent(instead)}`,
    mend: `Open it, mend what is said there and save it; the editor shows the line.${instead === undefined ? "" : " Or restore an older version, or reset it to what is shipped."} Its partials count too: what it renders may have changed.`,
    screens: ["mail"],
    link: `/mail-templates/${name}?locale=${locale}`,
  }));
}

function sent(instead: number | undefined): string {
  if (instead === undefined) return "There is no older version that could be sent in this language.";
  return instead === 0 ? "The shipped text is sent instead." : `Version ${instead} is sent instead.`;
}
