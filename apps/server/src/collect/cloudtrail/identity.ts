import type { Actor } from "@daybook/contract";
import { type JsonObject, objectAt, textAt } from "./record.ts";

const LENGTH_MAX = 512;

/** Who a record's `userIdentity` names; its ARN is the id, so that the same person is one actor everywhere. */
export function actorOf(record: JsonObject): Actor {
  const identity = objectAt(record, "userIdentity");
  const type = textAt(identity, "type");
  const arn = textAt(identity, "arn");
  const service = textAt(identity, "invokedBy");
  if (type === "AWSService" || (type === undefined && arn === undefined && service !== undefined))
    return named("system", service ?? "AWS", service ?? "AWS");
  const id = arn ?? textAt(identity, "principalId") ?? textAt(identity, "userName") ?? textAt(identity, "accountId");
  if (id === undefined) return { type: "anonymous" };
  return named("user", id, nameOf(identity, type, arn) ?? id);
}

/** `dana` of an IAM user, `deploy/ci-42` of a role and its session, `root` of an account's owner. */
function nameOf(identity: JsonObject, type: string | undefined, arn: string | undefined): string | undefined {
  if (type === "Root") return textAt(identity, "userName") ?? "root";
  const own = textAt(identity, "userName");
  if (own !== undefined) return own;
  const session = /:(?:assumed-role|federated-user)\/(.+)$/.exec(arn ?? "")?.[1];
  if (session !== undefined) return session;
  const issuer = textAt(objectAt(objectAt(identity, "sessionContext"), "sessionIssuer"), "userName");
  return issuer ?? textAt(identity, "principalId");
}

function named(type: Actor["type"], id: string, name: string): Actor {
  return { type, id: id.slice(0, LENGTH_MAX), name: name.slice(0, LENGTH_MAX) };
}
