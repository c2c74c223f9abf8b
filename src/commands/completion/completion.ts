import { required, several } from "../../command/arguments.js";
import { declareCommand } from "../../command/declaration.js";
import { bashReplacement } from "../../command-line/shell-words.js";
import { readTypedWords, type TypedWords } from "../../command-line/typed-words.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { didYouMean } from "../../near-misses.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { type Completion, completeWords } from "./words.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    shell: required("shell", "bash, zsh or fish", { completes: "shells" }),
    typed: several("word", "what the scripts send after `words`", { isHidden: true }),
  },
  help: {
    about: "Print a shell's completion script: commands, flags, values, names and ids.",
    use: "Run once per shell. Names from the server are cached for a minute.",
    examples: [
      "herm completion bash >> ~/.bashrc",
      'herm completion zsh > "${fpath[1]}/_herm"',
      "herm completion fish > ~/.config/fish/completions/herm.fish",
    ],
  },
  run: (context, { shell, typed }): Promise<void> =>
    shell === "words" ? offer(context, readTypedWords(typed)) : printScript(context, shell),
});

async function printScript(context: Context, shell: string): Promise<void> {
  const script = completionScripts.get(shell);
  if (script === undefined) {
    throw new UsageError(`completion is for bash, zsh or fish, not "${shell}"`, {
      hint: didYouMean(shell, [...completionScripts.keys()]),
    });
  }
  const printer = await createPrinter(context);
  await printer.out(script);
}

async function offer(context: Context, typed: TypedWords): Promise<void> {
  const printer = await createPrinter(context);
  const found = await completeWords(context, typed).catch((): Completion => []);
  await printer.out(found === "files" ? "\t\n" : found.flatMap((each) => offerLine(each, typed)).join(""));
}

/** Skips words that a terminal would not show as they are: they can't be typed either. */
function offerLine({ word, about }: Completion[number] & object, { bash }: TypedWords): string[] {
  if (word === "" || word !== safe(word, "cell")) return [];
  if (bash !== undefined) return [`${bashReplacement(word, bash)}\n`];
  return [about === undefined || about === "" ? `${word}\n` : `${word}\t${safe(about, "cell")}\n`];
}

/**
 * Scripts that ask `herm completion words` for what may stand at the cursor: a word a line, behind a tab what it is. A
 * line of one tab asks for the shell's own file names; bash 3.2, which macOS has, can't, and offers them wherever
 * nothing else is.
 */
const completionScripts: ReadonlyMap<string, string> = new Map([
  [
    "bash",
    `# herm: completion for bash
_herm() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == $'\\t' ]]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("$line")
    fi
  done < <(herm completion words bash -- "\${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
}
if type compopt >/dev/null 2>&1; then
  complete -F _herm herm
else
  complete -o default -F _herm herm
fi
`,
  ],
  [
    "zsh",
    `#compdef herm
_herm() {
  local line files= has_about= width=0
  local -a found about shown
  while IFS= read -r line; do
    [[ $line == $'\\t' ]] && files=1 && continue
    [[ $line == *$'\\t'* ]] && has_about=1
    found+=("\${line%%$'\\t'*}")
    about+=("\${\${line#\${found[-1]}}#$'\\t'}")
    (( $#found[-1] > width )) && width=$#found[-1]
  done < <(herm completion words zsh -- "\${(@)\${(@Q)words[2,CURRENT-1]}}" "\${(Q)PREFIX}" 2>/dev/null </dev/null)
  if [[ -n $files ]]; then
    compset -P '*='
    _files
  elif [[ -n $has_about ]]; then
    for line in {1..$#found}; do shown+=("\${(r:width:)found[line]}  \${about[line]}"); done
    compadd -l -d shown -a found
  else
    compadd -a found
  fi
}
if [[ $funcstack[1] == _herm ]]; then _herm "$@"; else compdef _herm herm; fi
`,
  ],
  [
    "fish",
    `# herm: completion for fish
function __herm_words
  set -l token (commandline -ct)
  set -l typed (commandline -xpc 2>/dev/null; or commandline -opc)
  set -l found (herm completion words fish -- $typed[2..-1] "$token" 2>/dev/null </dev/null)
  if test "$found" = \\t
    set -l flag (string match -r -- '^--?[\\w-]+=' "$token")
    for path in (__fish_complete_path (string sub -s (math 1 + (string length -- "$flag")) -- "$token"))
      echo -- "$flag$path"
    end
  else if set -q found[1]
    printf '%s\\n' $found
  end
end
complete -c herm -f -a '(__herm_words)'
`,
  ],
]);
