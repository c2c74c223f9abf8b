import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isWindows } from "../command-line/shell-quote.js";
import {
  CliError,
  codeOf,
  DeclinedError,
  exitCodes,
  InterruptedError,
  textOfError,
} from "../errors/cli-errors.js";

export type Environment = Readonly<Record<string, string | undefined>>;

export interface EditorOptions {
  text: string;
  /** True for text that was just typed, which is kept even if the editor fails. */
  isTyped?: boolean;
  env: Environment;
  stdoutIsTty: boolean;
}

/**
 * Opens the text in `$VISUAL`, `$EDITOR` or vi (notepad on Windows), as a private file (0600, folder 0700), and returns
 * the saved text. The editor isn't passed any of our keys. Throws DeclinedError if the file is empty, InterruptedError
 * after Ctrl-C, and after a failure an error that names the file with the text so far. inquirer's own editor prompt
 * passes our keys on, treats a failure as success, and deletes the text together with its file.
 */
export async function editText({ text, isTyped, env, stdoutIsTty }: EditorOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "herm-edit-")).catch(refuseTemporaryFolder);
  // The editor chooses its colours by the extension.
  const file = join(folder, "edit.md");
  await writeFile(file, text, { mode: 0o600, flag: "wx" });
  const editor = env.VISUAL || env.EDITOR || (isWindows ? "notepad" : "vi");
  const failure = await runEditor(editor, file, { env: withoutKeys(env), stdoutIsTty });
  const saved = await readFile(file, "utf8").catch(() => "");
  const isWorthKeeping = failure !== undefined && (isTyped === true || saved !== text) && saved.trim() !== "";
  if (!isWorthKeeping) await rm(folder, { recursive: true, force: true });
  if (failure !== undefined) throw editorError(failure, editor, isWorthKeeping ? file : undefined);
  if (saved.trim() === "") throw new DeclinedError("the text was empty: nothing changed");
  return saved;
}

/** The reason why the editor failed, or undefined. A shell interprets its command, but not the name of the file. */
async function runEditor(
  editor: string,
  file: string,
  { env, stdoutIsTty }: Pick<EditorOptions, "env" | "stdoutIsTty">,
): Promise<string | undefined> {
  const stdio: ("inherit" | number)[] = ["inherit", stdoutIsTty ? "inherit" : 2, "inherit"];
  const child = isWindows
    ? spawn(`${editor} "${file}"`, { stdio, env, shell: true })
    : spawn("/bin/sh", ["-c", `${editor} "$1"`, editor, file], { stdio, env });
  try {
    const [code, signal]: (number | string | null)[] = await once(child, "close");
    return code === 0 ? undefined : `ended with ${signal ?? code}`;
  } catch (error) {
    return textOfError(error);
  }
}

function refuseTemporaryFolder(cause: unknown): never {
  throw new CliError(`${tmpdir()} can't be written (${codeOf(cause)})`, exitCodes.unexpected, "file", {
    hint: `set ${isWindows ? "TEMP" : "TMPDIR"} to a writable folder`,
    cause,
  });
}

function withoutKeys(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(HERM|PRISM)_/i.test(name)));
}

function editorError(failure: string, editor: string, savedIn: string | undefined): CliError {
  const savedWhere = savedIn === undefined ? undefined : `your text is saved in ${savedIn}`;
  if (/SIGINT|\b130$/.test(failure)) {
    return new InterruptedError("SIGINT", ["interrupted", savedWhere].filter(Boolean).join(": "));
  }
  return new CliError(
    `the editor (${editor}) ${failure}: nothing changed`,
    exitCodes.unexpected,
    "editor_failed",
    { hint: savedWhere ?? "set EDITOR to an editor that waits until you are done" },
  );
}
