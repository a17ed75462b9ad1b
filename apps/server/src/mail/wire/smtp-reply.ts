/** An answer of a mail server (RFC 5321, 4.2). */
export interface SmtpReply {
  code: number;
  /** All that it said, without the code at the beginning of each line; lines are joined by blanks. */
  text: string;
}

/** Longer answers are cut: some servers say a whole page. */
const TEXT_MAX = 1_000;

/** Reads what a server said, perhaps in several lines. Undefined if it is no reply. */
export function readReply(said: string): SmtpReply | undefined {
  const code = Number(/^\d{3}/.exec(said)?.[0]);
  if (!(code >= 200 && code < 600)) return undefined;
  const lines = said.split(/\r?\n/).map((line) => line.replace(/^\d{3}[ -]?/, "").trim());
  // Each line of a long answer repeats the enhanced code.
  const enhanced = enhancedOf(lines[0] ?? "");
  const texts = lines.map((line, index) =>
    index > 0 && enhanced !== undefined && line.startsWith(enhanced) ? line.slice(enhanced.length).trim() : line,
  );
  return { code, text: texts.join(" ").trim().slice(0, TEXT_MAX) };
}

/** The enhanced status code at the beginning of a text (RFC 3463), e.g. 5.1.1. */
export function enhancedOf(text: string): string | undefined {
  return /^#?([245]\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1];
}

/** The id under which the server has taken the mail: Postfix, Exim, Sendmail. */
export function queueIdOf(text: string): string | undefined {
  return (
    /queued as <?([0-9A-Za-z.-]{5,40})>?/i.exec(text)?.[1] ??
    /\bid=([0-9A-Za-z]+-[0-9A-Za-z]+-[0-9A-Za-z]+)/.exec(text)?.[1] ??
    /^2\.0\.0 ([0-9A-Za-z]{10,20}) Message accepted/.exec(text)?.[1]
  );
}

/** One line as it was said: `550 5.1.1 No such user`. */
export function lineOf({ code, text }: SmtpReply): string {
  return `${code} ${text}`.trim();
}
