import { type CommandDeclaration, declareCommand } from "../../command/declaration.js";
import { type NamedFlag, namedFlags, required, several, shownArguments } from "../../command/flags.js";
import { parseUnfinished } from "../../command/parse.js";
import { type CommandNode, commandTree, nodesAt } from "../../command/tree.js";
import { findGlobalFlag, globalFlags, isNamed, verboseFlag } from "../../command-line/global-flags.js";
import { bashReplacement, readTypedWords, type TypedWords } from "../../command-line/typed-words.js";
import type { Context } from "../../context/context.js";
import { UsageError } from "../../errors/cli-errors.js";
import { didYouMean } from "../../errors/near-misses.js";
import { topics } from "../../help/topics.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { type Suggestion, suggestionsOf } from "./suggestions.js";

export const command = declareCommand({
  effect: "reads",
  arguments: {
    shell: required("shell", "bash, zsh or fish", { completes: "shells" }),
    typed: several("word", "what the scripts send after `words`", { isHidden: true }),
  },
  help: {
    about: "Print a shell's completion script: commands, flags, values, names and ids.",
    use: "Run it once per shell. Names from the server are cached for a minute.",
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
    throw new UsageError(`completion supports bash, zsh and fish, not "${shell}"`, {
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

/** Skips words that a terminal would show differently, because they can't be typed. */
function offerLine({ word, about }: Completion[number] & object, { bash }: TypedWords): string[] {
  if (word === "" || word !== safe(word, "cell")) return [];
  if (bash !== undefined) return [`${bashReplacement(word, bash)}\n`];
  return [about === undefined || about === "" ? `${word}\n` : `${word}\t${safe(about, "cell")}\n`];
}

/**
 * Scripts that ask `herm completion words` for the words at the cursor: one on each line, with its meaning after a tab.
 * A line with only a tab asks for the shell's file names; bash 3.2 on macOS can't, and offers them if no word matches.
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

type Completion = readonly Suggestion[] | "files";

async function completeWords(
  context: Context,
  { before, current }: Pick<TypedWords, "before" | "current">,
): Promise<Completion> {
  if (before.includes("--")) return [];
  const line = await parseUnfinished(before);
  const { declaration, flag } = line;
  const nodes = line.nodes.at(-1)?.children ?? (line.nodes.length === 0 ? commandTree() : []);
  const given = line.given.arguments
    .flat()
    .filter((word): word is string => word !== undefined && !/^-./.test(word));
  if (flag !== undefined) return valuesOf(context, { declaration, flag, current });
  const attached = /^(--[\w-]+|-\w)=(.*)$/s.exec(current);
  if (attached !== null) {
    const [, name = "", value = ""] = attached;
    const found = await valuesOf(context, { declaration, flag: name, current: value });
    return found === "files" ? found : found.map(({ word, about }) => ({ word: `${name}=${word}`, about }));
  }
  if (current.startsWith("-")) return beginning(current, flagsOf(declaration, before));
  if (declaration === undefined) return beginning(current, suggested(nodes));
  const below = given.length === 0 ? beginning(current, suggested(nodes)) : [];
  const argument = argumentAt(declaration, given.length);
  if (argument === undefined) return below;
  if (argument.completes === "commands") return beginning(current, commandsBehind(given));
  const found = await suggestionsOf(context, argument.completes, current);
  if (found === "files") return found;
  return [...below, ...beginning(current, found).filter(({ word }) => !given.includes(word))];
}

function commandsBehind(words: readonly string[]): Suggestion[] {
  const found = nodesAt(words);
  if (found.length < words.length) return [];
  if (found.length > 0) return suggested(found.at(-1)?.children ?? []);
  return [...suggested(commandTree()), ...topicsBeside(commandTree())];
}

function topicsBeside(nodes: readonly CommandNode[]): Suggestion[] {
  const beside = topics.filter((topic) => nodes.every(({ name }) => name !== topic.name));
  return [
    ...beside.map(({ name, summary }) => ({ word: name, about: summary })),
    { word: "topics", about: "list every topic" },
  ];
}

function suggested(nodes: readonly CommandNode[]): Suggestion[] {
  return nodes.map(({ name, summary }) => ({ word: name, about: summary }));
}

function argumentAt(declaration: CommandDeclaration, index: number) {
  const named = shownArguments(declaration);
  const last = named.at(-1);
  return named[index] ?? (last?.isVariadic === true ? last : undefined);
}

function beginning(current: string, found: readonly Suggestion[]): Suggestion[] {
  return found.filter(({ word }) => word.startsWith(current));
}

async function valuesOf(
  context: Context,
  {
    declaration,
    flag,
    current,
  }: { declaration: CommandDeclaration | undefined; flag: string; current: string },
): Promise<Completion> {
  const own = namedFlags(declaration?.flags).find((each) => isNamed(each, flag));
  const known = own ?? findGlobalFlag(flag);
  if (known?.choices !== undefined) {
    const typed = own?.isList === true ? current.slice(0, current.lastIndexOf(",") + 1) : "";
    const given = typed.split(",");
    const remaining = (own?.offers ?? known.choices).filter((word) => !given.includes(word));
    return beginning(
      current,
      remaining.map((word) => ({ word: typed + word })),
    );
  }
  const found = await suggestionsOf(context, known?.completes, current);
  return found === "files" ? found : beginning(current, found);
}

function flagsOf(declaration: CommandDeclaration | undefined, before: readonly string[]): Suggestion[] {
  const own = namedFlags(declaration?.flags).filter(({ isHidden }) => isHidden !== true);
  const shared = globalFlags.map((flag) => ({ ...flag, about: flag.summary }));
  const help: Pick<NamedFlag, "long" | "about" | "isRepeatable">[] = [{ long: "--help", about: "show help" }];
  if (before.includes("--help") || before.includes("-h"))
    help.push({ long: verboseFlag.long, about: "with --help: show everything" });
  return [...own.filter(({ long }) => help.every((each) => each.long !== long)), ...shared, ...help]
    .filter(({ long, isRepeatable }) => isRepeatable === true || !before.includes(long))
    .map(({ long, about }) => ({ word: long, about }));
}
