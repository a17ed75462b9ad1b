import { type Finding, isCode, isTest, lineAt, type SourceFile } from "./finding.ts";

const bannedNames = /(^|\/)(utils?|helpers?|common|types|services?|managers?|misc|shared)(\/|\.[a-z]+$)/;

/** Words of prose, each with what to write instead. */
const prose: [RegExp, string][] = [
  [/\b(utili[sz]e|leverage)[sd]?\b/gi, "use"],
  [/\b(blacklist|whitelist)/gi, "deny list, allow list"],
  [
    /\b(seamless(ly)?|blazing(ly)?|effortless(ly)?|cutting-edge|world-class|best-in-class|powerful|revolutionary)\b/gi,
    "say what it does, with a figure",
  ],
  [/\b(simply|obviously|of course)\b/gi, "leave the word out"],
  [
    /\b(behavior|favorite|organization|organize|recognize|initialize|customize|optimize|analyze|authorize|summarize|catalog)s?d?\b/g,
    "British spelling",
  ],
  // With a capital it is the name of a screen.
  [/\baudit logs?\b|\baudit trails?\b/g, "the record, or the log (GLOSSARY.md)"],
  [/\b(FIXME|XXX|HACK|TODO)\b/g, "do it, or write it down as an issue"],
];

/** Things that must not be left in code. */
const leftovers: [RegExp, string][] = [
  [/\b(?:test|it|describe)\.only\(/g, "a test that keeps the others from running"],
  [/\bas any\b/g, "no any: unknown, and a schema or a check"],
  [/@ts-(ignore|nocheck|expect-error)/g, "no silenced type errors: mend the type"],
  [/\bdebugger\b/g, "a left-over debugger statement"],
];

/** Names, words and left-overs that have no place here. */
export function checkWords(file: SourceFile, repository: string): Finding[] {
  const { path, text } = file;
  const findings: Finding[] = [];
  if (bannedNames.test(path))
    findings.push({ path, message: "the name says nothing: name it after what it is about, as a user would say" });
  if (path.startsWith("scripts/tidy/")) return findings; // Here the banned words are written down.
  const find = (pattern: RegExp, advice: string, within = text) => {
    for (const match of within.matchAll(pattern))
      findings.push({ path, line: lineAt(text, match.index), message: `"${match[0].trim()}": ${advice}` });
  };
  if (isCode(path)) {
    const code = withoutComments(text);
    for (const [pattern, advice] of leftovers) find(pattern, advice, pattern.source.startsWith("@") ? text : code);
    if (!isTest(path) && /^(apps\/server|packages)\//.test(path) && !/(main\.ts|bin\/daybook\.js)$/.test(path))
      find(
        /\bprocess\.(env|argv|exit\()/g,
        "only apps/server/src/main.ts reads the environment or exits: take Config",
        code,
      );
    if (!isTest(path))
      find(/\bconsole\.(log|error|warn|info|debug)\(/g, "take a logger, or ctx.out in a command", code);
  }
  const readable = path.endsWith(".md") ? withoutCode(text) : isCode(path) ? commentsOf(text) : "";
  if (path !== "CHANGELOG.md") for (const [pattern, advice] of prose) find(pattern, advice, readable);
  findings.push(...checkPlaces(file, repository));
  return findings;
}

/** Traces of one machine or one registry. */
function checkPlaces({ path, text }: SourceFile, repository: string): Finding[] {
  const findings: Finding[] = [];
  const machine = repository.replace(/\/$/, "");
  if (machine.length > 4 && text.includes(machine))
    findings.push({ path, message: `names a directory of this machine (${machine})` });
  const registry = /https?:\/\/[^\s"'`)]*(registry|npmjs\.org\/|artifactory|nexus)[^\s"'`)]*/.exec(text);
  if (registry)
    findings.push({ path, line: lineAt(text, registry.index), message: `names a package registry (${registry[0]})` });
  return findings;
}

const comments = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;

function withoutComments(text: string): string {
  return text.replace(comments, blank);
}

/** Blanks out what is not a comment, so that offsets stay. */
function commentsOf(text: string): string {
  let result = "";
  let last = 0;
  for (const match of text.matchAll(comments)) {
    result += blank(text.slice(last, match.index)) + match[0];
    last = match.index + match[0].length;
  }
  return result;
}

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?```|`[^`\n]*`|\]\([^)]*\)/g, blank);
}

function blank(text: string): string {
  return text.replace(/[^\n]/g, " ");
}
