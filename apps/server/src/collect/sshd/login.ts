import { normaliseIp } from "../../record/origin/address.ts";
import { type Act, account } from "./act.ts";

/**
 * sshd's verdict on one attempt. The name comes from the client and may hold " from 192.0.2.1 port 22 ssh2" itself, so
 * everything is anchored at the end of the line and the last address counts.
 */
const verdict =
  /^(Failed|Accepted) (\S+) for (invalid user |illegal user )?(.*) from (\S+) port (\d+)(?: (ssh\d?))?(?:: (.*?))?(?: \[preauth\])?$/s;

const reasons: Record<string, string> = {
  password: "invalid_password",
  "keyboard-interactive": "invalid_password",
  publickey: "invalid_key",
  hostbased: "invalid_key",
  none: "no_credentials",
};

/**
 * An attempt to sign in over SSH, or undefined for every other message of sshd. Those that tell of the same attempt
 * again ("Invalid user", "PAM 2 more authentication failures", "Connection closed … [preauth]") are not attempts.
 */
export function readLogin(message: string): Act | undefined {
  if (!message.startsWith("Failed ") && !message.startsWith("Accepted ")) return undefined;
  const match = verdict.exec(message);
  if (!match) return undefined;
  const [, word, method = "", invalid, user = "", from = "", port, , key] = match;
  const ip = normaliseIp(from);
  const act: Act = {
    action: "auth.login",
    outcome: word === "Accepted" ? "success" : "failure",
    actor: account(user),
    auth: "ssh",
    details: { user: user.slice(0, 512), method, port: Number(port) },
  };
  if (word === "Failed")
    act.reason = invalid ? "unknown_user" : (reasons[method.split("/")[0] ?? ""] ?? "invalid_credentials");
  if (invalid) act.details.invalidUser = true;
  if (ip) act.ip = ip;
  else act.details.source = from.slice(0, 512);
  if (key) act.details.key = key.slice(0, 512);
  return act;
}
