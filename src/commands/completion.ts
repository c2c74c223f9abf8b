import type { Command } from "commander";
import type { Context } from "../context.js";
import { UsageError } from "../errors.js";
import { didYouMean } from "../near-misses.js";
import { createPrinter } from "../output/printer.js";
import { safe } from "../output/safe.js";
import { completeWords } from "./complete-words.js";

export function addCompletionCommand(parent: Command, context: Context): void {
  parent
    .command("completion")
    .argument("<shell>", "bash, zsh or fish")
    .allowExcessArguments(true)
    .usage("[flags] <bash|zsh|fish>")
    .action((shell: string, _flags: object, command: Command) =>
      complete(context, { root: parent, shell, words: command.args.slice(1) }),
    );
}

interface CompletionOptions {
  root: Command;
  shell: string;
  /** What was typed so far, the last word maybe in part; only with the shell `words`, which the scripts ask for. */
  words: readonly string[];
}

async function complete(context: Context, { root, shell, words }: CompletionOptions): Promise<void> {
  const printer = await createPrinter(context);
  if (shell === "words") {
    const found = await completeWords(context, { root, words });
    const shown = found.filter((word) => word === safe(word, "cell"));
    return printer.out(shown.map((word) => `${word}\n`).join(""));
  }
  const script = scripts.get(shell);
  if (script === undefined)
    throw new UsageError(`completion is for bash, zsh or fish, not "${shell}"`, {
      hint: didYouMean(shell, [...scripts.keys()]),
    });
  await printer.out(script);
}

const scripts: ReadonlyMap<string, string> = new Map([
  [
    "bash",
    `# herm: completion for bash
_herm() {
  local current="\${COMP_WORDS[COMP_CWORD]}" word
  COMPREPLY=()
  while IFS= read -r word; do
    COMPREPLY+=("$(printf '%q' "$word")")
  done < <(herm completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -o default -F _herm herm
`,
  ],
  [
    "zsh",
    `#compdef herm
_herm() {
  local -a found
  found=("\${(@f)$(herm completion words -- "\${(@)words[2,$CURRENT]}" 2>/dev/null </dev/null)}")
  (( \${#found[1]} )) && compadd -a found || _files
}
if [ "$funcstack[1]" = "_herm" ]; then _herm "$@"; else compdef _herm herm; fi
`,
  ],
  [
    "fish",
    `# herm: completion for fish
function __herm_words
  set -l typed (commandline -opc) (commandline -ct)
  herm completion words -- $typed[2..-1] 2>/dev/null </dev/null
end
complete -c herm -f -a '(__herm_words)'
`,
  ],
]);
