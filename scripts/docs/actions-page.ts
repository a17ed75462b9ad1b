import { actionCategories, catalogue } from "../../packages/contract/src/catalogue/catalogue.ts";
import { generated, table } from "./table.ts";

export function actionsPage(): string {
  const actions = [...catalogue().values()];
  const sections = [...actionCategories().values()].map(({ category, title }) => {
    const rows = actions
      .filter((action) => action.category === category)
      .map(({ action, kind, severity, says }) => [`\`${action}\``, kind, severity, says]);
    return `## ${title}\n\n${table(["action", "kind", "severity", "as it is told"], rows)}\n`;
  });
  return `# Actions

${generated}

${actions.length} actions that Daybook knows. Any other action is accepted too, gets a readable sentence, and is listed as new.

${sections.join("\n")}`;
}
