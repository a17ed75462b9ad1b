import type { TaskError } from "@daybook/contract";
import type { Chance } from "../chance.ts";
import type { Server } from "../fleet.ts";
import { MINUTE, SECOND } from "../rhythm.ts";

/** A line of output, and at which part of the run it is written. */
export interface PlotLine {
  part: number;
  text: string;
  err?: true;
}

/** One sort of long job: what it is called, how long it takes, what it prints, and how it fails. */
export interface Trade {
  type: string;
  title: string;
  usualMs: number;
  byDay: number;
  byNight: number;
  failureRate: number;
  payload(server: Server, otherNode: string, chance: Chance): object;
  result(server: Server, chance: Chance): object | undefined;
  lines(server: Server, chance: Chance): PlotLine[];
  faults: readonly { after: number; error: TaskError; says: readonly string[] }[];
}

const ESC = "\u001b";
const green = (text: string): string => `${ESC}[32m${text}${ESC}[0m`;
const blue = (text: string): string => `${ESC}[1;34m${text}${ESC}[0m`;
const dim = (text: string): string => `${ESC}[2m${text}${ESC}[0m`;
const red = (text: string): string => `${ESC}[1;31m${text}${ESC}[0m`;
const yellow = (text: string): string => `${ESC}[33m${text}${ESC}[0m`;

/** Steps with what each prints, spread evenly over the run. */
function steps(...named: readonly (readonly [name: string, ...lines: string[]])[]): PlotLine[] {
  return named.flatMap(([name, ...lines], index) => {
    const from = index / named.length;
    return [
      { part: from, text: `${blue("==>")} ${name}` },
      ...lines.map((text, at) => ({ part: from + ((at + 1) / (lines.length + 1)) * (1 / named.length), text })),
    ];
  });
}

function copying(what: string, gigabytes: number, chance: Chance): string[] {
  return Array.from({ length: 24 }, (_, at) => {
    const done = ((at + 1) / 24) * gigabytes;
    const rate = chance.whole(180, 420);
    return `${what}  ${done.toFixed(1).padStart(6)} / ${gigabytes.toFixed(1)} GiB  ${dim(`${rate} MiB/s`)}`;
  });
}

const unreachable: TaskError = {
  message: "The agent of the node did not answer within 30 seconds.",
  code: "agent_timeout",
};

export const trades: readonly Trade[] = [
  {
    type: "instance.deploy",
    title: "Deploy",
    usualMs: 95 * SECOND,
    byDay: 8,
    byNight: 2,
    failureRate: 0.14,
    payload: (server) => ({ image: "debian-13", plan: server.plan, node: server.node.name, sshKeys: 2 }),
    result: (_server, chance) => ({ ip: `203.0.113.${chance.whole(4, 250)}`, bootSeconds: chance.whole(6, 19) }),
    lines: (server, chance) =>
      steps(
        ["Reserve", `plan ${server.plan} on ${server.node.name}`, "2 volumes, 1 address"],
        ["Fetch the image", "registry.heronfield.example/debian-13", ...copying("debian-13.qcow2", 2.1, chance)],
        ["Write the disk", "resize to 40 GiB", dim("e2fsck 1.47.2"), "clean"],
        [
          "Boot",
          `${dim("[    0.000000]")} Linux 6.12.48`,
          `${dim("[    1.204418]")} virtio_net: link up`,
          green("ssh answers"),
        ],
      ),
    faults: [
      {
        after: 0.45,
        error: {
          message: "The image debian-13 is not in the registry of the node.",
          code: "image_not_found",
          details: { image: "debian-13", registry: "registry.heronfield.example", status: 404 },
        },
        says: [
          `${red("error:")} GET /v2/debian-13/manifests/latest: ${yellow("404 Not Found")}`,
          "hint: the image was renamed to debian-13-cloud on 18 November",
          red("deploy stopped"),
        ],
      },
      { after: 0.1, error: unreachable, says: [`${red("error:")} no answer from the agent in 30 s`] },
    ],
  },
  {
    type: "instance.backup",
    title: "Back up",
    usualMs: 7 * MINUTE,
    byDay: 3,
    byNight: 14,
    failureRate: 0.05,
    payload: (server) => ({ keepDays: 14, node: server.node.name, compress: "zstd" }),
    result: (_server, chance) => ({ bytes: chance.whole(200, 9_000) * 1_048_576, files: chance.whole(900, 80_000) }),
    lines: (server, chance) =>
      steps(
        ["Snapshot", `zfs snapshot tank/${server.name}@nightly`],
        ["Send", ...copying(server.name, chance.whole(6, 60), chance)],
        ["Verify", "sha256 of 312 chunks", green("all 312 agree")],
      ),
    faults: [
      {
        after: 0.7,
        error: { message: "The store has no room left: 1.9 GiB are missing.", code: "no_space" },
        says: [`${red("error:")} write: No space left on device`],
      },
    ],
  },
  {
    type: "instance.migrate",
    title: "Migrate",
    usualMs: 12 * MINUTE,
    byDay: 2,
    byNight: 3,
    failureRate: 0.1,
    payload: (server, otherNode) => ({ from: server.node.name, to: otherNode, live: true }),
    result: (_server, chance) => ({ downtimeMs: chance.whole(40, 900) }),
    lines: (server, chance) =>
      steps(
        ["Prepare", `source ${server.node.name}`, "target has room"],
        ["Copy memory", ...copying("dirty pages", chance.whole(8, 32), chance)],
        ["Switch over", "paused on the source", "resumed on the target", green("network announced")],
      ),
    faults: [{ after: 0.6, error: unreachable, says: [`${red("error:")} migration stream closed by the target`] }],
  },
  {
    type: "instance.import",
    title: "Import",
    usualMs: 18 * MINUTE,
    byDay: 2,
    byNight: 1,
    failureRate: 0.12,
    payload: (_server, _node, chance) => ({
      source: "sftp://files.example/export.tar.zst",
      worlds: chance.whole(1, 4),
    }),
    result: (_server, chance) => ({ files: chance.whole(3_000, 60_000) }),
    lines: (_server, chance) => {
      const files = Array.from(
        { length: 900 },
        (_, at) =>
          `${dim(String(at + 1).padStart(5))} world/region/r.${chance.whole(-40, 40)}.${chance.whole(-40, 40)}.mca`,
      );
      return steps(["Fetch", ...copying("export.tar.zst", 4.4, chance)], ["Unpack", ...files], ["Own", green("done")]);
    },
    faults: [
      {
        after: 0.55,
        error: { message: "The archive is damaged from 2.6 GiB on.", code: "archive_damaged" },
        says: [`${red("zstd:")} Decoding error (36): Data corruption detected`],
      },
    ],
  },
  {
    type: "instance.resize",
    title: "Resize",
    usualMs: 40 * SECOND,
    byDay: 3,
    byNight: 0.5,
    failureRate: 0.06,
    payload: (server, _node, chance) => ({ plan: server.plan, memoryMb: 1_024 * chance.whole(2, 16) }),
    result: () => undefined,
    lines: () => steps(["Stop", "guest shut down in 4 s"], ["Change", "memory", "volume"], ["Start", green("running")]),
    faults: [
      {
        after: 0.5,
        error: { message: "The node has not so much free memory.", code: "no_capacity" },
        says: [`${red("error:")} cannot reserve memory: 6.1 of 8.0 GiB free`],
      },
    ],
  },
];
