import { type CanonicalAction, canonicalAction, limits } from "@daybook/contract";

const valid = /^[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;

/**
 * The action of the catalogue for a name that another system uses, with the outcome that the name implies
 * (`Login Failed`); else the name itself in the form of an action: `Widget Painted` is `imported.widget_painted`.
 */
export function namedAction(name: string, prefix = "imported"): CanonicalAction {
  const ours = canonicalAction(name);
  if (ours) return ours;
  const lower = name.toLowerCase();
  if (valid.test(lower)) return { action: lower.slice(0, limits.actionLengthMax) };
  const words = lower
    .replace(/[^a-z0-9_.-]+/g, "_")
    .replace(/\.{2,}/g, ".")
    .replace(/^[_.]+|[_.]+$/g, "");
  const action = words.includes(".") ? words : `${prefix}.${words || "unnamed"}`;
  return { action: action.slice(0, limits.actionLengthMax) };
}

/** Whether a name has the form of an action. */
export function isActionName(name: string): boolean {
  return valid.test(name) && name.length <= limits.actionLengthMax;
}
