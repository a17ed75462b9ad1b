import { type ActionDefinition, type CustomerView, catalogue, customerView, fold } from "@daybook/contract";
import type { ActionBook } from "../actions.ts";

/** The actions that customers see: to whom each is shown, and the words that it is found by (folded). */
export type CustomerActions = ReadonlyMap<string, { view: Exclude<CustomerView, "hidden">; text: string }>;

/** The actions that customers of a workspace see. Those that neither catalogue nor operator marks are hidden. */
export function customerActions(book: Pick<ActionBook, "names" | "look">, workspaceId: number): CustomerActions {
  const actions = new Map<string, { view: Exclude<CustomerView, "hidden">; text: string }>();
  for (const action of book.names(workspaceId)) {
    const { definition } = book.look(workspaceId, action);
    const view = viewOf(definition);
    if (view === "hidden") continue;
    const words = definition.says
      .replace(/\[[^\]]*\]|\{[^}]*\}/g, " ")
      .replace(/\s+/g, " ")
      .trim();
    actions.set(action, { view, text: fold(`${action} ${words}`) });
  }
  return actions;
}

/** What customers see of an action. One that neither catalogue nor operator marks is hidden. */
export const viewOf = (definition: ActionDefinition): CustomerView =>
  catalogue().has(definition.action) || definition.customer !== undefined ? customerView(definition) : "hidden";
