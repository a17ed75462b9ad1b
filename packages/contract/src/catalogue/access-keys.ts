import type { ActionFamily } from "./family.ts";

/** Keys that open doors: API tokens, SSH keys, applications, webhooks. */
export const accessKeys: ActionFamily[] = [
  {
    category: "api_key",
    title: "API keys",
    noun: "an API key",
    kind: "user",
    actions: {
      created: ["created the API key {target}", "medium"],
      updated: ["changed the API key {target}", "medium"],
      rotated: ["rotated the API key {target}", "low"],
      revoked: ["revoked the API key {target}", "medium"],
      deleted: ["deleted the API key {target}", "medium"],
      expired: ["the API key {target} expired", "low", "system"],
      used: "used the API key {target}",
      viewed: ["looked at the API key {target}", "medium"],
      "scopes.changed": ["changed the scopes of the API key {target}", "high"],
      leaked: ["the API key {target} leaked", "critical", "system"],
    },
  },
  {
    category: "viewer_token",
    title: "Viewer tokens",
    noun: "a viewer token",
    kind: "administrative",
    actions: {
      created: ["made a viewer token[ for {details.minutes} minutes]", "info"],
      revoked: ["revoked a viewer token", "low"],
    },
  },
  {
    category: "ssh_key",
    title: "SSH keys",
    noun: "an SSH key",
    kind: "user",
    actions: {
      created: ["added the SSH key {target}[ {details.fingerprint}]", "medium"],
      updated: ["changed the SSH key {target}", "low"],
      deleted: ["removed the SSH key {target}[ {details.fingerprint}]", "medium"],
      installed: ["installed the SSH key {target}[ on {targets.1|details.server}]", "medium"],
    },
  },
  {
    category: "application",
    title: "Applications",
    noun: "an application",
    kind: "user",
    actions: {
      created: ["registered the application {target}", "medium"],
      updated: ["changed the application {target}", "medium"],
      deleted: ["deleted the application {target}", "medium"],
      "secret.rotated": ["rotated the secret of the application {target}", "medium"],
    },
  },
  {
    category: "webhook",
    title: "Webhooks",
    noun: "a webhook",
    kind: "user",
    actions: {
      created: ["created the webhook {target}", "medium"],
      updated: ["changed the webhook {target}", "medium"],
      deleted: ["deleted the webhook {target}", "low"],
      delivered: ["delivered the webhook {target}", "info", "system"],
      disabled: ["disabled the webhook {target}", "medium"],
      received: ["received the webhook {target}", "info", "system"],
      "secret.rotated": ["rotated the secret of the webhook {target}", "low"],
    },
  },
];
