import type { Template, TemplateVersion } from "@daybook/contract";
import { type LocaleText, textOf } from "../edit/draft.ts";

/** Something that can be compared: a version, or what is in the editor. */
export interface Comparable extends LocaleText {
  key: string;
  name: string;
}

/** What can be compared of one locale, the newest first. Version 0 is the shipped one. */
export function comparables(
  template: Template,
  versions: readonly TemplateVersion[],
  unsaved: LocaleText | undefined,
): Comparable[] {
  const all: Comparable[] = versions.map((version) => ({
    ...textOf(version),
    key: String(version.version),
    name: `${versionName(version.version)}${version.current ? " (current)" : ""}`,
  }));
  if (template.default && !all.some(({ key }) => key === "0"))
    all.push({ ...textOf(template.default), key: "0", name: versionName(0) });
  return unsaved ? [{ ...unsaved, key: "editor", name: "In the editor, not saved" }, ...all] : all;
}

export function versionName(version: number): string {
  return version === 0 ? "As shipped" : `Version ${version}`;
}

/** What is compared until somebody chooses: unsaved changes with what is current, else what is current with what was before it. */
export function firstPair(all: readonly Comparable[], current: string): [before: string, after: string] {
  const index = all.findIndex(({ key }) => key === current);
  if (all[0]?.key === "editor") return [all[index]?.key ?? all[1]?.key ?? "editor", "editor"];
  const before = all[index + 1] ?? all.at(-1);
  return [before?.key ?? "", all[index]?.key ?? all[0]?.key ?? ""];
}
