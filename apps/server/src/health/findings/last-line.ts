/** What the last line of a task that does not get on says, and what to do about it. */
export interface KnownWait {
  /** For grouping: tasks that wait for the same thing on the same node are one finding. */
  key: "hypervisor" | "lock" | "disk" | "network" | "name" | "input" | "capacity" | "download";
  /** What it does: "waits for …". */
  does: string;
  mend: string;
  /** Run on the node. */
  onNode?: string;
}

const machine = "(?:hypervisor|node|host|agent|daemon|libvirtd?|qemu|proxmox|vm|guest|instance|server)";

/** The first that fits counts. Kept to what tasks of panels and the tools below them say. */
const known: readonly (KnownWait & { pattern: RegExp })[] = [
  {
    key: "input",
    pattern:
      /\[y\/n\]|\(yes\/no\S*\)|password( for [^:]*)?:\s*$|passphrase[^:]*:\s*$|press (enter|any key)|do you want to continue/i,
    does: "waits for somebody to answer a question",
    mend: "Nobody can answer it. End the task, and give its command the option that keeps it from asking (e.g. --yes, BatchMode=yes).",
  },
  {
    key: "disk",
    pattern: /no space left on device|disk quota exceeded|ENOSPC|not enough (free )?(disk )?space|filesystem is full/i,
    does: "has no space left on a disk",
    mend: "Free space on the node or move the instance; the task does not get on before.",
    onNode: "df -h",
  },
  {
    key: "lock",
    pattern:
      /(waiting|wait) (for|on) (a |an |the )?(\S+ )?(lock|mutex)|could not get lock|can't lock file|got timeout.*lock|resource (is )?(temporarily )?locked|(vm|guest|instance|domain) is locked|is locked \(/i,
    does: "waits for a lock that something else holds",
    mend: "Find what holds it: another task of the same instance, a backup, or one that was killed and left its lock behind. End that, or take the lock away.",
    onNode: "ps -eo pid,etime,args --sort=-etime | grep -iE 'backup|migrat|qemu-img|vzdump|apt|dpkg' | head",
  },
  {
    key: "name",
    pattern:
      /could not resolve|temporary failure in name resolution|name or service not known|getaddrinfo|ENOTFOUND|EAI_AGAIN/i,
    does: "cannot resolve a name",
    mend: "Names are not resolved on the node: see its resolver.",
    onNode: "resolvectl status; getent hosts deb.debian.org",
  },
  {
    key: "hypervisor",
    pattern: new RegExp(
      `(wait(ing|s|ed)?|polling) (for|on) (a |an |the )?(response|reply|answer)( (from|of|by) (the )?${machine})?|` +
        `(wait(ing|s|ed)?|polling) (for|on) (a |an |the )?(\\S+ )?${machine}\\b|` +
        `(no|without) (response|reply|answer) (from|of|by)|${machine} (does not|did not|is not|not) (respond|repl|answer|reach)|` +
        `still waiting`,
      "i",
    ),
    does: "waits for the hypervisor to answer",
    mend: "The panel has handed the work to the node and hears nothing. See whether the node can be reached and whether its agent runs; restart the agent, and retry the task if it fails.",
    onNode:
      "uptime; systemctl --failed; systemctl list-units --state=running | grep -iE 'libvirt|pvedaemon|pveproxy|agent|wings'",
  },
  {
    key: "network",
    pattern:
      /connection (timed out|refused|reset)|no route to host|network is unreachable|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|(operation|request|read|connect) timed out/i,
    does: "cannot reach another machine",
    mend: "See whether the other side runs and lets the node in (firewall, address).",
    onNode: "ip -br address; ip route; ss -tn state syn-sent",
  },
  {
    key: "capacity",
    pattern:
      /(waiting|wait) (for|on) (a |an |the )?(free )?(slot|capacity|resources?|worker|queue)|queue is full|no valid host|not enough (memory|capacity|resources)|quota exceeded/i,
    does: "waits for room",
    mend: "There is no room for it: end what is done, add capacity, or take fewer tasks at a time.",
  },
  {
    key: "download",
    pattern: /(download|fetch|pull|clon|copy|transferr?|upload)ing\b.*|retry(ing)?\b|attempt \d+/i,
    does: "stopped in the middle of a transfer or tries something again and again",
    mend: "See whether the other side is there, and how much comes through.",
    onNode: "ss -tinp | head -40",
  },
];

/** What a last line is recognised as; undefined if it says nothing known. */
export function knownWait(line: string | undefined): KnownWait | undefined {
  if (line === undefined) return undefined;
  return known.find(({ pattern }) => pattern.test(line));
}
