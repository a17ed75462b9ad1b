import type { ImportReport } from "./import-run.ts";
import type { Tally } from "./tally.ts";

const TEXT_SHOWN_MAX = 160;
const TOP_SHOWN = 5;

/** What `daybook import` says at the end, for people. */
export function importSummary(report: ImportReport, seconds: number, rejectFile: string | undefined): string {
  const lines = [headline(report, seconds), "", ...counts(report)];
  if (report.firstMs !== undefined && report.lastMs !== undefined)
    lines.push("", `from      ${stamp(report.firstMs)}`, `to        ${stamp(report.lastMs)}`);
  const tops: [string, Tally][] = [
    ["actions", report.actions],
    ["outcomes", report.outcomes],
    ["addresses", report.addresses],
  ];
  const shown = tops.filter(([, tally]) => tally.size > 0);
  if (shown.length > 0) lines.push("", ...shown.map(([name, tally]) => `${name.padEnd(9)} ${top(tally)}`));
  if (report.faults.length > 0) lines.push("", ...faults(report, rejectFile));
  for (const { file, message } of report.broken) lines.push("", `${file} broke off: ${message}`);
  return lines.join("\n");
}

function headline(report: ImportReport, seconds: number): string {
  const files = report.files === 1 ? "1 file" : `${count(report.files)} files`;
  const rate = seconds > 0 ? `, ${count(Math.round((report.accepted + report.duplicates) / seconds))} events/s` : "";
  return `Imported ${files} in ${seconds.toFixed(1)} s${rate}.`;
}

function counts(report: ImportReport): string[] {
  const rows: [string, number, string][] = [
    ["read", report.read, ""],
    ["accepted", report.accepted, ""],
    ["duplicates", report.duplicates, report.duplicates > 0 ? "in the log already" : ""],
    ["skipped", report.skipped, report.skipped > 0 ? `nothing to record: ${top(report.skippedAs)}` : ""],
    ["rejected", report.rejected, ""],
  ];
  const width = Math.max(...rows.map(([, number]) => count(number).length));
  return rows.map(([name, number, remark]) =>
    `${name.padEnd(10)} ${count(number).padStart(width)}  ${remark}`.trimEnd(),
  );
}

function faults(report: ImportReport, rejectFile: string | undefined): string[] {
  const shown = report.faults.map(
    ({ file, line, message, text }) => `  ${file}:${line}: ${message}\n    ${oneLine(text).slice(0, TEXT_SHOWN_MAX)}`,
  );
  const title = report.rejected > shown.length ? `The first ${shown.length} rejected:` : "Rejected:";
  const kept = rejectFile === undefined ? [] : [`All of them are in ${rejectFile}.`];
  return [title, ...shown, ...kept];
}

function top(tally: Tally): string {
  const first = tally.top(TOP_SHOWN).map(([value, times]) => `${oneLine(value)} ${count(times)}`);
  const more = tally.size - first.length;
  return first.join(" · ") + (more > 0 ? ` · ${count(more)} more` : "");
}

/** What comes from a log must not steer the terminal it is shown on. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, " ").trim();
}

function stamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function count(value: number): string {
  return value.toLocaleString("en-GB");
}
