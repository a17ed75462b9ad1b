import type { Suppression } from "@daybook/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { reactivate } from "../../api/mail-suppressions.ts";
import { Confirm } from "../../ui/confirm.tsx";
import { reasonTexts } from "./reason-texts.ts";

/** Takes an address off the suppression list, after a question. */
export function Reactivate({ workspace, suppression }: { workspace: string; suppression: Suppression }) {
  const client = useQueryClient();
  const { address, reason } = suppression;
  const act = useMutation({
    mutationFn: () => reactivate(workspace, address),
    onSettled: () => {
      for (const key of ["suppressions", "mail-address", "mail"])
        void client.invalidateQueries({ queryKey: [key, workspace] });
    },
  });
  return (
    <span className="reactivate">
      {act.isError ? (
        <span className="fault" role="alert">
          {act.error.message}
        </span>
      ) : null}
      <Confirm
        name="Reactivate"
        label={`Reactivate ${address}`}
        title={`Send mail to ${address} again?`}
        act="Reactivate"
        onAct={() => act.mutate()}
      >
        It is on the list because {reasonTexts[reason]}.{" "}
        {reason === "complaint" || reason === "unsubscribed"
          ? "Do it only if its owner asked for it."
          : "What was suppressed in the meantime is not sent by itself; it can be sent again from the mail log."}
      </Confirm>
    </span>
  );
}
