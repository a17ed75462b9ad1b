import { parse } from "bowser";

/** A browser or another program with its version, and the operating system: what a screen shows, e.g. `Firefox 128`, `Windows 10+`. */
export interface Agent {
  browser?: string;
  os?: string;
}

/** What matters stands in front; the rest of an overlong text is not worth the time of some eighty expressions. */
const READ_LENGTH_MAX = 512;

/**
 * Browser and system of a user agent. A user agent is a claim: it is good for telling devices apart, never for deciding.
 * Programs that are no browser (curl, SDKs, Terraform, monitors, crawlers) are named as well, with major and minor version.
 */
export function agentOf(userAgent: string): Agent {
  // CloudTrail puts some in brackets.
  const text = userAgent
    .slice(0, READ_LENGTH_MAX)
    .trim()
    .replace(/^\[(.*?)\]?$/s, "$1");
  if (text === "") return {};
  const program = knownProgram(text);
  if (program !== undefined) return withSystem(program, programSystem(text));
  if (/^(Mozilla|Opera|Dalvik)\//.test(text)) return browserOf(text);
  return withSystem(firstProduct(text), programSystem(text));
}

/** Programs that are not the first product of their user agent, or that say they are Mozilla. */
const programs: [RegExp, string?][] = [
  [/\b(Terraform|OpenTofu)\/v?([\d.]+)/],
  [/\b(HeadlessChrome)\/([\d.]+)/, "Headless Chrome"],
  [/compatible;\s*([\w.-]*(?:bot|spider|crawler|robot|monitor|uptime|check)[\w.-]*)(?:\/v?([\d.]+))?/i],
  [/\b(Googlebot|bingbot|Applebot|PingdomPageSpeed|Chrome-Lighthouse)\/?([\d.]+)?/],
  [/\b(Thunderbird|Electron)\/([\d.]+)/],
];

function knownProgram(text: string): string | undefined {
  for (const [pattern, name] of programs) {
    const match = pattern.exec(text);
    if (match) return named(name ?? match[1] ?? "", match[2], 2);
  }
  return undefined;
}

/** `name/1.2.3 …`, or a short text that is only a name, like `AWS Internal` and `s3.amazonaws.com`. */
function firstProduct(text: string): string | undefined {
  const product = /^([A-Za-z][\w.+@-]{0,60}?)(?:_[0-9a-f]{8}-[0-9a-f-]{27})?(?:\/v?(\d[\w.]*)?|$|[\s,;(])/.exec(text);
  const onlyName = /^([A-Za-z][\w.+@ -]{0,60})(?:,|$)/.exec(text);
  if (onlyName?.[1] && !/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(onlyName[1]) && !/_[0-9a-f]{8}-/.test(onlyName[1]))
    return isNoName(onlyName[1]) ? undefined : onlyName[1].trim();
  if (!product?.[1] || isNoName(product[1])) return undefined;
  return named(product[1], product[2], 2);
}

function isNoName(text: string): boolean {
  return /^(mozilla|unknown|null|undefined|none|-)$/i.test(text);
}

function browserOf(text: string): Agent {
  const { browser, os } = parse(text);
  const name = browser.name === "Mozilla" ? undefined : browser.name;
  const known = name ? named(shortNames[name] ?? name, browser.version, 1) : undefined;
  return withSystem(known, systemOf(os.name, os.version, os.versionName, text));
}

const shortNames: Record<string, string> = {
  "Microsoft Edge": "Edge",
  "Samsung Internet for Android": "Samsung Internet",
  "NAVER Whale Browser": "Whale",
  "Yandex Browser": "Yandex",
};

/**
 * Versions that browsers froze are left out or said as "+": Windows 11 calls itself NT 10.0, every macOS since 11 calls itself
 * 10.15.7 (10.15 in Firefox), Chrome on any Android calls itself "Android 10; K".
 */
function systemOf(name?: string, version?: string, versionName?: string, text = ""): string | undefined {
  if (!name) return undefined;
  if (name === "Windows") return versionName === "10" ? "Windows 10+" : `Windows ${versionName ?? ""}`.trim();
  if (name === "macOS") return version === undefined || version.startsWith("10.15") ? "macOS" : `macOS ${version}`;
  if (name === "Chrome OS") return "ChromeOS";
  if (name === "Android" && text.includes("Android 10; K)")) return "Android";
  return version === undefined ? name : named(name, version, 1);
}

/** The system that a program names, in whatever form: `Darwin/22.5.0`, `(go1.19; linux; amd64)`, `os/windows`. */
function programSystem(text: string): string | undefined {
  const match = /\b(linux|darwin|macos|windows|win32|win64|freebsd|openbsd|android|ios|iphone)\b/i.exec(text);
  return match?.[1] === undefined ? undefined : programSystems[match[1].toLowerCase()];
}

const programSystems: Record<string, string> = {
  linux: "Linux",
  darwin: "macOS",
  macos: "macOS",
  windows: "Windows",
  win32: "Windows",
  win64: "Windows",
  freebsd: "FreeBSD",
  openbsd: "OpenBSD",
  android: "Android",
  ios: "iOS",
  iphone: "iOS",
};

/** Name and the first `parts` numbers of the version. */
function named(name: string, version: string | undefined, parts: number): string {
  const short = (version ?? "").split(".").slice(0, parts).join(".");
  return /^\d/.test(short) ? `${name} ${short}` : name;
}

function withSystem(browser: string | undefined, os: string | undefined): Agent {
  const agent: Agent = {};
  if (browser !== undefined) agent.browser = browser;
  if (os !== undefined) agent.os = os;
  return agent;
}
