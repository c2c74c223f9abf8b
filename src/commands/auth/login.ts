import { ApiError } from "../../api/errors.js";
import { declareCommand, requestCodes } from "../../command/declaration.js";
import { flag } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { CliError, exitCodes, UsageError } from "../../errors/cli-errors.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { credentialsPath } from "../../settings/config-file.js";
import { keyVariables, lastFour, readKey } from "../../settings/key.js";
import { originOf } from "../../settings/origin.js";
import { saveLogin } from "../../settings/save.js";
import { checkKey, printKeyReport } from "./key-check.js";

export const command = declareCommand({
  effect: "local",
  flags: { withToken: flag("read the key from stdin instead of asking for it") },
  help: {
    about: "Save an API key in a profile (--profile, or the current one) once the API accepts it.",
    use: "Run once per account. It asks for the key, or reads it from stdin; there is no flag for it. A key is sent only to the origin it was saved for (--api-url).",
    exitCodes: requestCodes({
      3: "the API refused the key",
      4: "the address isn't the API's",
      6: "another herm process is writing the file, or the account has no credits left",
    }),
    examples: ["herm auth login", "herm auth login --profile prod --with-token < key.txt"],
  },
  async run(context, { withToken }): Promise<void> {
    const { settings } = context;
    const { name: profile } = settings.profile();
    const apiUrl = settings.apiUrl();
    if (apiUrl === undefined) {
      throw new UsageError("the local server needs no login: it creates its own key", {
        hint: "for another profile, use --profile <name>",
      });
    }
    const origin = originOf(apiUrl);
    const key = withToken
      ? await keyFromStdin(context)
      : await askForKey(context, `API key for ${origin}, profile "${profile}"`);
    const client = await context.clientFor({ baseUrl: apiUrl, apiKey: key });
    const { state, error } = await checkKey(client, context.signal);
    if (error !== undefined) throw notSaved(error, origin);
    await saveLogin(settings, { profile, key, apiUrl });
    const printer = await createPrinter(context);
    const report = { profile, origin, source: "profile" as const, last4: lastFour(key), state };
    await printKeyReport(printer, report);
    printNotes(context, printer);
  },
});

async function askForKey(context: Context, message: string): Promise<string> {
  if (!context.io.canPrompt) {
    throw new UsageError("no key given, and herm can't ask", {
      hint: (herm) => `set HERM_API_KEY, or pipe it in: ${herm("auth", "login", "--with-token")} < key.txt`,
    });
  }
  return readKey(await context.prompts.password({ message }), "the typed text");
}

async function keyFromStdin({ io, signal }: Context): Promise<string> {
  if (io.canPrompt) {
    throw new UsageError(
      "--with-token reads a file or a pipe; typed here, the key would be visible on the terminal",
      {
        hint: "to be asked for the key, leave out --with-token",
      },
    );
  }
  const { readTextStream, TextFileError, TooLargeError } = await import("../../manifest/read/text-file.js");
  const text = await readTextStream(io.stdin, signal, mostBytes).catch((error: unknown) => {
    if (!(error instanceof TextFileError)) throw error;
    throw new UsageError(
      error instanceof TooLargeError ? "stdin is too long to be a key" : `stdin ${error.message}`,
    );
  });
  return readKey(text, "stdin");
}

const mostBytes = 64 * 1024;

function notSaved(error: Error, origin: string): CliError {
  const isAnswer = error instanceof ApiError;
  if (isAnswer && (error.status === 401 || error.status === 403)) {
    return new CliError(`${origin} refused the key: ${error.message}`, exitCodes.auth, error.code, {
      hint: "nothing was saved; check that the key is complete and for this API",
      cause: error,
    });
  }
  const code = isAnswer ? error.code : "unreachable";
  return new CliError(`the key couldn't be checked: ${error.message}`, exitCodes.unreachable, code, {
    hint: "nothing was saved; try again when the API responds, or set HERM_API_KEY",
    cause: error,
  });
}

function printNotes({ settings }: Context, printer: Printer): void {
  const { name, source } = settings.profile();
  printer.note(`saved in ${credentialsPath(settings.configDir)}`);
  const variable = keyVariables.find((each) => settings.env(each) !== undefined);
  if (variable !== undefined) {
    printer.warn(`${variable} is set and takes precedence; to use this key, pass --profile ${name}`);
  } else if (source === "--profile" && name !== "default") {
    printer.hint(`use it with --profile ${name}, or always: herm config set profile ${name}`);
  }
}
