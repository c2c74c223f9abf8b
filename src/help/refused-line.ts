import { usageWords } from "../command/arguments.js";
import type { CommandDeclaration } from "../command/declaration.js";
import { namedFlags } from "../command/flags.js";
import type { RefusedLineError } from "../command/input.js";
import { numberOfFailingError } from "../command-line/flag-values.js";
import { UsageError } from "../errors.js";
import { describeUnknown } from "./unknown-command.js";
import { misplacedFlag, unknownFlag } from "./unknown-flag.js";

/** What commander refused, in our words and with what to do. */
export async function inOurWords({ line, problem, what }: RefusedLineError): Promise<UsageError> {
  const { nodes, declaration, words } = line;
  const path = nodes.map(({ name }) => name);
  const usage = declaration === undefined ? "" : usageWords(declaration, path).join(" ");
  switch (problem) {
    case "unknownCommand":
      return describeUnknown({ path, word: what, words });
    case "unknownOption":
      return unknownFlag(what, line);
    case "misplacedOption":
      return misplacedFlag(what, line);
    case "optionMissingArgument":
      return new UsageError(`${words.at(-1)} needs a value`);
    case "missingArgument":
      return new UsageError(`<${what}> is missing`, { hint: `${usage}; see --help` });
    default: {
      const [, number] = /(?:^| )--failing (\d+)(?: |$)/.exec(words.join(" ")) ?? [];
      if (number !== undefined) return numberOfFailingError(number);
      const taken = Object.keys(declaration?.arguments ?? {}).length || "none";
      return new UsageError(`too many arguments: herm ${path.join(" ")} takes ${taken}`, {
        hint: `${usage}; ${excessHint(declaration)}`,
      });
    }
  }
}

function excessHint(declaration: CommandDeclaration | undefined): string {
  const { arguments: named = {}, flags = {} } = declaration ?? {};
  const files = namedFlags(flags).find(
    ({ isRepeatable, completes }) => isRepeatable === true && completes === "files",
  );
  if (Object.keys(named).length > 0) return "quote a text of several words";
  // A file is given without its flag, or a shell makes several words of `-f *.yaml`.
  if (files !== undefined) return `${files.short ?? files.long} goes before each file or folder`;
  if (flags.match === undefined) return "see --help";
  const columns = flags.columns === undefined ? "" : "columns with --columns, ";
  return `choose names with --match, ${columns}fields with -o json | jq`;
}
