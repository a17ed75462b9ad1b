import { Argument, type Command } from "commander";
import type { CommandContext } from "./context.ts";

/** `daybook completion`: prints a script that completes commands and flags in a shell. */
export function registerCompletionCommand(program: Command, ctx: CommandContext): void {
  program
    .command("completion")
    .addArgument(new Argument("<shell>", "the shell").choices(Object.keys(scripts)))
    .description("Print a completion script: source <(daybook completion bash).")
    .action((shell: keyof typeof scripts) => ctx.out(scripts[shell](outline(program, []))));
}

/** One command: the words that lead to it, and what may follow. */
interface Entry {
  path: string[];
  commands: { name: string; description: string }[];
  flags: { name: string; description: string }[];
}

function outline(command: Command, path: string[]): Entry[] {
  const own: Entry = {
    path,
    commands: command.commands.map((child) => ({ name: child.name(), description: summary(child.description()) })),
    flags: command.options
      .filter((option) => !option.hidden && option.long !== undefined)
      .map((option) => ({ name: option.long ?? "", description: summary(option.description) })),
  };
  own.flags.push({ name: "--help", description: "show help" });
  return [own, ...command.commands.flatMap((child) => outline(child, [...path, child.name()]))];
}

const scripts = { bash, zsh, fish };

/** The words before the cursor that are not flags lead to an entry; its commands, or after a dash its flags, are offered. */
function bash(entries: Entry[]): string {
  return `# daybook completion for bash: source <(daybook completion bash)
_daybook() {
  local word path="" flags="" commands="" current="\${COMP_WORDS[COMP_CWORD]}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    [[ $word == -* ]] || case "$path $word" in
${entries
  .filter(({ path }) => path.length > 0)
  .map(({ path }) => `      " ${path.join(" ")}") path=" ${path.join(" ")}" ;;`)
  .join("\n")}
    esac
  done
  case "$path" in
${entries.map((entry) => `    "${entry.path.map((name) => ` ${name}`).join("")}") commands="${names(entry.commands)}" flags="${names(entry.flags)}" ;;`).join("\n")}
  esac
  if [[ $current == -* || -z $commands ]]; then COMPREPLY=($(compgen -W "$flags" -- "$current"))
  else COMPREPLY=($(compgen -W "$commands" -- "$current")); fi
  [[ $current == -* || -n $commands ]] || COMPREPLY=()
}
complete -o default -F _daybook daybook`;
}

function zsh(entries: Entry[]): string {
  const cases = entries.map((entry) => {
    const items = (list: Entry["flags"]) =>
      list
        .map(({ name, description }) => `'${name}:${description.replaceAll("'", "").replaceAll(":", "\\:")}'`)
        .join(" ");
    return `    "${entry.path.join(" ")}") commands=(${items(entry.commands)}) flags=(${items(entry.flags)}) ;;`;
  });
  return `#compdef daybook
# daybook completion for zsh: daybook completion zsh > a directory of $fpath, as _daybook
_daybook() {
  local word place="" next
  local -a commands flags
  local -a known=(${entries.map(({ path }) => `"${path.join(" ")}"`).join(" ")})
  for word in "\${(@)words[2,CURRENT-1]}"; do
    next="\${place:+$place }$word"
    [[ $word != -* && -n \${known[(r)$next]} ]] && place="$next"
  done
  case "$place" in
${cases.join("\n")}
  esac
  if [[ $PREFIX == -* ]]; then _describe flag flags; elif (( \${#commands} )); then _describe command commands; else _files; fi
}
compdef _daybook daybook`;
}

function fish(entries: Entry[]): string {
  const lines = entries.flatMap((entry) => {
    const place = `-n '__daybook_at "${entry.path.join(" ")}"'`;
    return [
      ...entry.commands.map(
        ({ name, description }) => `complete -c daybook -f ${place} -a ${name} -d ${quote(description)}`,
      ),
      ...entry.flags.map(
        ({ name, description }) => `complete -c daybook ${place} -l ${name.slice(2)} -d ${quote(description)}`,
      ),
    ];
  });
  return `# daybook completion for fish: daybook completion fish > ~/.config/fish/completions/daybook.fish
function __daybook_at
  set -l place ""
  for word in (commandline -opc)[2..]
    set -l next (string trim "$place $word")
    contains -- $next ${entries.map(({ path }) => `"${path.join(" ")}"`).join(" ")}; and set place $next
  end
  test "$place" = "$argv[1]"
end
${lines.join("\n")}`;
}

function names(list: { name: string }[]): string {
  return list.map(({ name }) => name).join(" ");
}

/** Up to the first stop: completion lists are narrow. */
function summary(text: string): string {
  return text.split(/[.;:] ?/)[0] ?? "";
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
