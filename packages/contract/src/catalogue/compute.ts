import type { ActionFamily } from "./family.ts";

/** Pods, clusters and GPUs. */
export const compute: ActionFamily[] = [
  {
    category: "pod",
    title: "Pods",
    noun: "a pod",
    kind: "user",
    actions: {
      created: ["created the pod {target}[ on {details.gpu}]", "low"],
      deployed: ["deployed the pod {target}", "low"],
      started: "started the pod {target}",
      stopped: "stopped the pod {target}",
      restarted: "restarted the pod {target}",
      resumed: "resumed the pod {target}",
      updated: ["changed the pod {target}", "low"],
      scaled: ["scaled {target}[ from {changes.replicas.old}][ to {changes.replicas.new|details.replicas}]", "low"],
      deleted: ["deleted the pod {target}", "medium"],
      evicted: ["evicted the pod {target}", "medium", "system"],
      preempted: ["the pod {target} was preempted", "medium", "system"],
      crashed: ["the pod {target} crashed", "medium", "system"],
      "memory.exhausted": ["the pod {target} ran out of memory", "medium", "system"],
      "terminal.opened": ["opened a terminal in {target}", "low"],
      "command.ran": ['ran ["{details.command}"|a command] in {target}', "medium"],
      "logs.viewed": "read the logs of {target}",
      "template.created": ["created the pod template {target}", "low"],
      "template.updated": ["changed the pod template {target}", "low"],
      "template.deleted": ["deleted the pod template {target}", "low"],
    },
  },
  {
    category: "gpu",
    title: "GPUs",
    noun: "a GPU",
    kind: "user",
    actions: {
      reserved: ["reserved [{details.count} × ]{target}", "low"],
      assigned: ["assigned {target}[ to {targets.1|details.to}]", "low", "administrative"],
      released: "released {target}",
      failed: ["{target} failed", "high", "system"],
      "quota.changed": ["changed the GPU quota of {target}", "low", "administrative"],
    },
  },
  {
    category: "cluster",
    title: "Clusters",
    noun: "a cluster",
    kind: "user",
    actions: {
      created: ["created the cluster {target}", "low"],
      updated: ["changed the cluster {target}", "low"],
      upgraded: ["upgraded the cluster {target}[ to {details.version}]", "medium"],
      scaled: ["scaled the cluster {target}[ to {details.nodes}]", "low"],
      deleted: ["deleted the cluster {target}", "high"],
      "access.downloaded": ["downloaded the access file of the cluster {target}", "high"],
    },
  },
];
