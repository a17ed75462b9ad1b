import { type MailAttempt, mailAttemptSchema } from "@daybook/contract";

/** The number of what came of an attempt in `mail_attempt.outcome`. */
export const outcomeNumber = (outcome: MailAttempt["outcome"]): number =>
  mailAttemptSchema.shape.outcome.options.indexOf(outcome);
