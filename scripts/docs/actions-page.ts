import { actionCategories, catalogue } from "../../packages/contract/src/catalogue/catalogue.ts";
import { customerView } from "../../packages/contract/src/catalogue/customer.ts";
import { generated, table } from "./table.ts";

/** Who sees it with a viewer token. */
const customers = { hidden: "–", in_scope: "in scope", about_self: "about them", by_self: "their own" } as const;

export function actionsPage(): string {
  const actions = [...catalogue().values()];
  const sections = [...actionCategories().values()].map(({ category, title }) => {
    const rows = actions
      .filter((action) => action.category === category)
      .map((definition) => {
        const { action, kind, severity, says } = definition;
        return [`\`${action}\``, kind, severity, customers[customerView(definition)], says];
      });
    return `## ${title}\n\n${table(["action", "kind", "severity", "customers", "as it is told"], rows)}\n`;
  });
  return `# Actions

${generated}

${actions.length} actions that Daybook knows. Any other action is accepted too, gets a readable sentence, and is listed as new.
*Customers* says who sees it with a viewer token: nobody (–), all whose scope the event is in, whoever did it or whose account it concerns, or
only whoever did it. See [the guide](../guides/viewer.md); an operator can say otherwise.

${sections.join("\n")}`;
}
