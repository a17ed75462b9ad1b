import { posix } from "node:path";
import { type Finding, isCode, isTest, lineAt, type SourceFile } from "./finding.ts";

interface Rule {
  /** Files that the rule is about. */
  from: RegExp;
  /** What they may not import: a path in the repository, or a package name. */
  to: RegExp;
  /** Importers that may all the same. */
  except?: RegExp;
  because: string;
}

/** The arrows of ARCHITECTURE.md: contract ← console, server; in the server main → app → routes → rules and stores → db. */
const rules: Rule[] = [
  {
    from: /^packages\/contract\//,
    to: /^(?!zod$|packages\/contract\/)/,
    because: "the contract imports zod alone: browsers and clients load it",
  },
  {
    from: /^packages\/client\//,
    to: /^(?!packages\/client\/|@daybook\/contract$|node:)/,
    because: "the client has no dependency: of the contract it takes types alone",
  },
  {
    from: /^apps\/console\//,
    to: /^(apps\/server\/|@daybook\/(server|testkit)|node:)/,
    except: /vite\.config\.ts$/,
    because: "the console knows the API by the contract, never by the server's code",
  },
  {
    from: /^apps\/server\/src\/(db|http|net)\//,
    to: /^apps\/server\/src\/(record|access|collect|demo|health|commands)\//,
    because: "db/ and http/ are plumbing that knows no domain; pass in what they need",
  },
  {
    from: /^apps\/server\/src\/(db|record|access|collect|demo|health|http)\//,
    to: /^apps\/server\/src\/(main|app|program|open)\.ts$/,
    because: "app.ts and main.ts put the parts together; a part takes Deps",
  },
  {
    from: /^apps\/server\/src\//,
    to: /-routes\.ts$/,
    except: /(-routes|\/app)\.ts$/,
    because: "routes are called by app.ts; rules and stores come below them",
  },
  {
    from: /^apps\/server\/src\/(db|http)\//,
    to: /^apps\/server\/src\/commands\//,
    because: "commands are called by program.ts",
  },
  {
    from: /^apps\/server\/src\/(record|access|collect|demo|health)\//,
    to: /^apps\/server\/src\/commands\//,
    because: "commands are called by program.ts; shared rules belong into the domain's folder",
  },
  {
    from: /^(apps|packages)\//,
    to: /^(@daybook\/testkit|packages\/testkit\/|vitest$|e2e\/|bench\/|scripts\/)/,
    except: /^packages\/testkit\//,
    because: "the testkit is for tests",
  },
];

const importPattern = /(?:^|\n)\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?"([^"]+)"|import\("([^"]+)"\)/g;

/** Imports that go against the arrows. */
export function checkImports({ path, text }: SourceFile): Finding[] {
  if (!isCode(path) || isTest(path)) return [];
  const findings: Finding[] = [];
  for (const match of text.matchAll(importPattern)) {
    const target = resolve(path, match[1] ?? match[2] ?? "");
    const broken = rules.find((rule) => rule.from.test(path) && rule.to.test(target) && !rule.except?.test(path));
    if (broken) {
      const line = lineAt(text, match.index + match[0].length);
      findings.push({ path, line, message: `imports ${target}: ${broken.because}` });
    }
  }
  return findings;
}

/** "./x.ts" and "@daybook/server/x.ts" as a path from the root; a package stays its name. */
function resolve(importer: string, target: string): string {
  if (target.startsWith(".")) return posix.join(posix.dirname(importer), target);
  if (target.startsWith("@daybook/server/")) return target.replace("@daybook/server/", "apps/server/src/");
  return target;
}
