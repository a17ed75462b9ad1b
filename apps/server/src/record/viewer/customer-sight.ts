import { type Event, fold, type HideableField, type Target, type ViewerScope } from "@daybook/contract";
import type { CustomerActions } from "./customer-actions.ts";

/** What the holder of a viewer token, a customer, may see. */
export interface CustomerSight {
  /** Another for every token: nothing that is made for one token is taken from another. */
  key: string;
  scope: ViewerScope;
  actions: CustomerActions;
  hidden: ReadonlySet<HideableField>;
  /** The name under which staff appear; null: as the system. */
  staffAs: string | null;
}

/** Who the customer is: the actors whose acts are their own. */
export function selvesOf({ ownerId, actor }: ViewerScope): { type: string; id: string }[] {
  return [...(ownerId === undefined ? [] : [{ type: "user", id: ownerId }]), ...(actor === undefined ? [] : [actor])];
}

/** The type of target that shares its ids with the actors of type user. Other accounts may have numbers of their own. */
export const accountType = "user";
/** Types of targets that are people or their keys: never shown just because they occur in a project. */
export const personTypes: readonly string[] = [
  accountType,
  "customer",
  "account",
  "staff",
  "api_key",
  "subuser",
  "member",
  "contact",
  // Their names are the addresses of people.
  "mail",
  "mail_address",
];

/** The type of target that a mail is. */
export const mailType = "mail";

/** Whether an event is about a mail that is for no customer: it is staff's, though it be about the customer's server. */
const isNobodysMail = ({ targets: [main] }: Event): boolean => main?.type === mailType && main.ownerId === undefined;

/** Whether the customer did it. */
export function isOwnAct({ scope }: CustomerSight, { actor }: Event): boolean {
  return selvesOf(scope).some((self) => self.type === actor.type && self.id === actor.id);
}

/** Whether a target is the customer's own account, or the key itself. */
export function isOwnAccount({ scope }: CustomerSight, target: Target): boolean {
  return selvesOf(scope).some((self) => self.type === target.type && self.id === target.id);
}

/** Whether the scope names a target. */
export function isInScope({ scope }: CustomerSight, target: Target): boolean {
  if (scope.targets?.some(({ type, id }) => type === target.type && id === target.id)) return true;
  if (scope.ownerId === undefined) return false;
  return target.ownerId === scope.ownerId || (target.id === scope.ownerId && target.type === accountType);
}

/** Whether the customer may see an event at all. The same as `customerCondition`, for events in memory. */
export function isInSight(sight: CustomerSight, event: Event): boolean {
  const { scope, actions } = sight;
  const view = actions.get(event.action)?.view;
  if (view === undefined) return false;
  if (view !== "in_scope")
    return (
      isOwnAct(sight, event) || (view === "about_self" && event.targets.some((target) => isOwnAccount(sight, target)))
    );
  if (isNobodysMail(event)) return false;
  return (
    event.targets.some((target) => isInScope(sight, target)) ||
    (scope.project !== undefined && event.project === scope.project) ||
    (scope.actor !== undefined && event.actor.type === scope.actor.type && event.actor.id === scope.actor.id)
  );
}

/** Whether a target of an event in sight is shown. The same as `targetGuard`. */
export function isTargetShown(sight: CustomerSight, event: Event, target: Target): boolean {
  if (isOwnAct(sight, event) || isInScope(sight, target) || isOwnAccount(sight, target)) return true;
  const { project } = sight.scope;
  return project !== undefined && event.project === project && !personTypes.includes(target.type);
}

/** What bare words are looked for in: what is done, who did it, the targets; of an event as it is shown. */
export function customerTexts(sight: CustomerSight): (event: Event) => string[] {
  return ({ action, actor, targets }) => {
    const who = sight.hidden.has("actor") ? [] : [actor.id, actor.name];
    const texts = [...who, ...targets.flatMap((target) => [target.id, target.name])];
    return [
      sight.actions.get(action)?.text ?? "",
      ...texts.flatMap((text) => (text === undefined ? [] : [fold(text)])),
    ];
  };
}
