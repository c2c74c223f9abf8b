/** One command of a shell line. */
export interface ShellCommand {
  env: Record<string, string>;
  words: string[];
  stdinFile?: string;
  stdoutFile?: string;
}

type Token = { word: string } | { operator: string };

const operators = ["&&", ">>", "|", "<", ">", ";"];

/**
 * Parses the parts of a shell's language that documents use: quotes, `\`, pipes, redirections, variables before a
 * command, comments.
 */
export function readShellLine(line: string): ShellCommand[] {
  const commands: ShellCommand[] = [{ env: {}, words: [] }];
  const tokens = tokensOf(line);
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    const command = commands.at(-1);
    if (token === undefined || command === undefined) break;
    if ("word" in token) addWord(command, token.word);
    else if (token.operator === "<" || token.operator.startsWith(">")) {
      const next = tokens[at + 1];
      if (next === undefined || !("word" in next))
        throw new Error(`${line}: no file after ${token.operator}`);
      if (token.operator === "<") command.stdinFile = next.word;
      else command.stdoutFile = next.word;
      at += 1;
    } else commands.push({ env: {}, words: [] });
  }
  return commands.filter(({ words }) => words.length > 0);
}

function addWord(command: ShellCommand, word: string): void {
  const assignment = /^([A-Z_]+)=(.*)$/s.exec(word);
  if (command.words.length > 0 || assignment === null) command.words.push(word);
  else command.env[assignment[1] ?? ""] = assignment[2] ?? "";
}

function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  let rest = line.trimStart();
  while (rest !== "" && !rest.startsWith("#")) {
    const operator = operators.find((each) => rest.startsWith(each));
    if (operator !== undefined) {
      tokens.push({ operator });
      rest = rest.slice(operator.length).trimStart();
      continue;
    }
    const [raw = ""] = /^(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\|<>;&])+/s.exec(rest) ?? [];
    if (raw === "") throw new Error(`not understood: ${rest}`);
    tokens.push({ word: unquoted(raw) });
    rest = rest.slice(raw.length).trimStart();
  }
  return tokens;
}

function unquoted(raw: string): string {
  return raw.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_all, double, single, escaped) =>
    double !== undefined ? double.replace(/\\([\\"$`])/g, "$1") : (single ?? escaped),
  );
}

/**
 * The lines in a document's code block as a shell would read them: `\` joins lines, and comments and empty lines are
 * dropped.
 */
export function shellLines(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** Words as a person would type them. */
export function typedLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`)).join(" ");
}
