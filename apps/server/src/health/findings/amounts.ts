/** 1 task, 3 tasks, 1,200 tasks. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString("en-GB")} ${noun}${number === 1 ? "" : "s"}`;
}

/** "a", "b" and 4 more. */
export function some(names: readonly string[], shown = 3): string {
  const rest = names.length - shown;
  if (rest > 0) return `${names.slice(0, shown).join(", ")} and ${rest} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** A name in a command to copy: quoted for a shell where it has to be, so that a name can never be a command of its own. */
export function quoted(name: string): string {
  return /^[A-Za-z0-9._/@:+-]+$/.test(name) && !name.startsWith("-") ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** Whether a name can be that of a machine: only then it stands in a command that is sent there. */
export function isHost(name: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(name);
}
