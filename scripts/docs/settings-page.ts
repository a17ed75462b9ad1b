import { type Setting, settings } from "../../apps/server/src/settings.ts";
import { generated, table } from "./table.ts";

export function settingsPage(): string {
  const rows = Object.entries(settings).map(([name, setting]) => {
    const { env, fallback, unit, doc, secret }: Setting<unknown> = setting;
    const value =
      fallback === undefined || fallback === "" ? "–" : `\`${fallback}\`${unit === undefined ? "" : ` ${unit}`}`;
    return [`\`${env}\``, `\`${name}\``, value, `${doc}${secret ? " Never shown." : ""}`];
  });
  return `# Settings

${generated}

Each setting can be a variable of the environment, a key in \`daybook.config.json\` (in the directory that Daybook is
started from; \`DAYBOOK_CONFIG\` names another file), or a flag of every command: \`DAYBOOK_PUBLIC_URL\`, \`publicUrl\`,
\`--public-url\`. A flag beats the environment, which beats the file. \`daybook config\` shows what holds and where it came from.

${table(["environment", "file", "default", "what it is"], rows)}
`;
}
