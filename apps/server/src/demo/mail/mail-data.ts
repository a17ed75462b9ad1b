import type { Json } from "@daybook/contract";
import { shippedTemplates } from "../../mail/templates/shipped/shipped-set.ts";
import { sampleData } from "../../mail/templates/template-data.ts";
import type { MailPlot } from "./mail-plot.ts";

type Data = Record<string, Json>;

/** Samples of tokens speak of another company, and of one day in spring. */
const sampleDomain = /\bacme\.example\b/g;
const sampleDay = /^20\d\d-\d\d-\d\d(T[\d:.]+Z)?$/;

const samples = new Map<string, Data>();

/** What the template of a mail is given: its samples as of the mail's day, and what the mail is about. */
export function mailData(plot: MailPlot): Data {
  const known = samples.get(plot.template) ?? sampleData(shippedTemplates.get(plot.template)?.tokens ?? []);
  samples.set(plot.template, known);
  const data = atTime(known, new Date(plot.at).toISOString()) as Data;
  for (const { type, id, name } of plot.targets) {
    if (type === "server") data.server = { ...(data.server as Data), name: name ?? id };
    if (type === "invoice" || type === "order" || type === "ticket")
      data[type] = { ...(data[type] as Data), number: id };
  }
  const user = { ...(data.user as Data), name: plot.to.name, email: plot.to.address };
  return merged({ ...data, user }, plot.data);
}

/** What is given stands over the samples, member by member. */
function merged(samples: Data, given: Data): Data {
  const all = { ...samples };
  for (const [name, value] of Object.entries(given)) {
    const sample = all[name];
    all[name] = isData(sample) && isData(value) ? { ...sample, ...value } : value;
  }
  return all;
}

const isData = (value: Json | undefined): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function atTime(value: Json, time: string): Json {
  if (typeof value === "string")
    return sampleDay.test(value)
      ? time.slice(0, value.length < 11 ? 10 : undefined)
      : value.replace(sampleDomain, "heronfield.example");
  if (Array.isArray(value)) return value.map((each) => atTime(each, time));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, atTime(each as Json, time)]));
}
