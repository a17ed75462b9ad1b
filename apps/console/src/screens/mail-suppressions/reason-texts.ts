import type { SuppressionReason } from "@daybook/contract";

/** What a person reads for the reason of a suppression. */
export const reasonTexts: Record<SuppressionReason, string> = {
  hard_bounce: "mail to it came back for good",
  complaint: "its owner reported a mail as spam",
  unsubscribed: "its owner unsubscribed",
  manual: "put on the list by hand",
};

export const reasonNames: Record<SuppressionReason, string> = {
  hard_bounce: "Came back",
  complaint: "Complaint",
  unsubscribed: "Unsubscribed",
  manual: "By hand",
};
