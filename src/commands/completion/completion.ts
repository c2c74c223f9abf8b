import { required, several } from "../../command/arguments.js";
import { declareCommand } from "../../command/declaration.js";
import { bashReplacement } from "../../command-line/shell-words.js";
import { readTypedWords, type TypedWords } from "../../command-line/typed-words.js";
import type { Context } from "../../context.js";
import { UsageError } from "../../errors.js";
import { didYouMean } from "../../near-misses.js";
import { createPrinter } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { completionScripts } from "./scripts.js";
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
