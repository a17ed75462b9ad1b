import { humanise } from "./strings.ts";

export interface ActionCount {
  value: string;
  count: number;
}

export interface ActionGroup {
  label: string;
  /** A piece of a query that finds the group. */
  query: string;
  count: number;
}

/** Names of groups whose first or second segment alone reads badly. */
const titles: Record<string, string> = { auth: "Sign-in", api_key: "API keys", ssh_key: "SSH keys", sftp: "SFTP" };

/**
 * Actions in groups that a customer would name: `server.power.start` and `.stop` are "Power"; what has two segments goes by
 * the first. The most frequent come first.
 */
export function actionGroups(actions: readonly ActionCount[]): ActionGroup[] {
  const groups = new Map<string, ActionCount[]>();
  for (const action of actions) {
    const segments = action.value.split(".");
    const key = segments.slice(0, segments.length > 2 ? 2 : 1).join(".");
    groups.set(key, [...(groups.get(key) ?? []), action]);
  }
  return [...groups]
    .map(([key, members]) => ({
      label: labelOf(key),
      query: `action:${members.map(({ value }) => value).join(",")}`,
      count: members.reduce((sum, { count }) => sum + count, 0),
    }))
    .sort((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}

function labelOf(key: string): string {
  const last = key.slice(key.lastIndexOf(".") + 1);
  return titles[last] ?? humanise(last);
}
