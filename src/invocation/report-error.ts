import {
  AmbiguousError,
  ApiError,
  ConnectionError,
  HermError,
  isUnknownIssuer,
  ProxyError,
  RedirectError,
  TimeoutError,
  UnchangedError,
  UnexpectedAnswerError,
} from "../api/errors.js";
import { RefusedLineError } from "../command/parse.js";
import { hintText } from "../command-line/next-command.js";
import type { System } from "../context/context.js";
import {
  CliError,
  type CommandWriter,
  type ExitCode,
  exitCodes,
  FrozenError,
  type Hint,
  hintTo,
} from "../errors/cli-errors.js";
import { exitCodeOf } from "../errors/exit-code.js";
import { FileError } from "../files/file-error.js";
import { formatDuration } from "../output/duration.js";
import type { ErrorReport } from "../output/formats/format.js";
import { formatAskedFor, loadFormat } from "../output/formats/formats.js";
import { annotation } from "../output/github.js";
import { loadFold, sinkOf } from "../output/sink.js";
import { loadStyle } from "../output/style.js";
import { folderHint } from "../settings/folder-hint.js";
import { createRedactor } from "../settings/key.js";
import type { Settings } from "../settings/settings.js";
import type { Invocation } from "./invocation.js";

type Folders = Pick<Settings, "configDir" | "dataDir">;

interface ErrorWords extends Omit<ErrorReport, "hint"> {
  hint?: Hint | undefined;
}

export interface ReportContext {
  invocation: Invocation;
  words: readonly string[];
  env: System["env"];
}

/** Prints an error and returns its exit code (src/output/README.md, "Errors"; src/commands/README.md). */
export async function reportError(
  thrown: unknown,
  { invocation, words, env }: ReportContext,
): Promise<ExitCode> {
  const error =
    thrown instanceof RefusedLineError
      ? await (await import("../help/refused-line.js")).inOurWords(thrown)
      : thrown;
  if (explainError(error).message === "") return explainError(error).exitCode;
  await invocation.prepareSettings();
  const { exitCode, ...report } = explainSafely(error, {
    keys: keysOf(invocation, env),
    flags: invocation.flags ?? { local: false },
    folders: settingsOf(invocation),
  });
  const githubActions = env.GITHUB_ACTIONS === "true";
  const sink = sinkOf(invocation.io.stderr);
  if (githubActions && isOfWholeJob(error, exitCode)) {
    await sink.writeCommand(annotation("error", [report.message, report.hint].join("\n").trim()));
  }
  const format = await loadFormat(invocation.flags ? invocation.flags.output : formatAskedFor(words));
  const style = await loadStyle(invocation.io, "stderr");
  await sink.write(format.error(report, { style, githubActions, fold: await loadFold(invocation.io) }));
  return exitCode;
}

/** True for an error of the key, the network or a freeze, which affects the whole job. */
function isOfWholeJob(error: unknown, exitCode: ExitCode): boolean {
  return error instanceof FrozenError || exitCode === exitCodes.auth || exitCode === exitCodes.unreachable;
}

/** Maps an error to its exit code, words and advice; `redact` removes keys from others' words. */
export function explainError(error: unknown, redact = asItIs): ErrorWords & { exitCode: ExitCode } {
  return { ...wordsOf(error, redact), exitCode: exitCodeOf(error) };
}

export function messageOf(error: unknown): string {
  return wordsOf(error).message;
}

const asItIs = (text: string): string => text;

function wordsOf(error: unknown, redact = asItIs): ErrorWords {
  const words = plainWordsOf(error, redact);
  const showsTries = error instanceof HermError && !(error instanceof AmbiguousError);
  return showsTries ? withTries(words, error) : words;
}

function plainWordsOf(error: unknown, redact: (text: string) => string): ErrorWords {
  if (error instanceof CliError) return { message: error.message, code: error.code, hint: error.hint };
  if (error instanceof ApiError) return wordsOfAnswer(error);
  if (error instanceof AmbiguousError) return { message: error.message, code: "outcome_unknown" };
  if (error instanceof HermError) return wordsOfClient(error);
  const message = error instanceof Error ? `${error.message}${thrownAt(error)}` : String(error);
  return {
    message: `unexpected: ${redact(message)}`,
    code: "unexpected",
    hint: "this is a bug in herm: please report it, with the command, this line and `herm --version`",
  };
}

/** Positions in the built files (Bun calls its own `$bunfs` or `~BUN`); `npm run where` finds their source lines. */
function thrownAt({ stack = "" }: Error): string {
  const frames = stack.matchAll(
    /^ +at .*[\\/](?:dist[\\/](?:cli|api)|\$bunfs[\\/]root|~BUN[\\/]root)[\\/]([\w.-]+:\d+:\d+)\)?$/gm,
  );
  const places = [...frames].slice(0, 3).map(([, place]) => place);
  return places.length === 0 ? "" : ` (at ${places.join(" ")})`;
}

/** Adds the attempts and their time, if there were several. */
function withTries(words: ErrorWords, error: HermError): ErrorWords {
  const { tried, aftermath } = error;
  const { message } = words;
  const parts = [message];
  // A total timeout's message already contains the time.
  const isOfAll = error instanceof TimeoutError && error.isTotalTimeout;
  if (tried?.outageMs !== undefined) {
    if (!isOfAll) parts[0] += `; no request succeeded for ${formatDuration(tried.outageMs)}`;
  } else if (tried !== undefined && tried.attempts > 1) {
    parts[0] += ` (tried ${tried.attempts} times${isOfAll ? "" : ` in ${formatDuration(tried.elapsedMs)}`})`;
  }
  if (aftermath !== undefined) parts.push(aftermath);
  return { ...words, message: parts.join("; ") };
}

/** Explains an error, with any keys removed, for a command that continues. */
export function explainItemError(
  error: unknown,
  settings: Pick<Settings, "knownKeys" | "flags"> & Folders,
): ErrorReport & { exitCode: ExitCode } {
  return explainSafely(error, { keys: settings.knownKeys(), flags: settings.flags, folders: settings });
}

interface SafeWords {
  keys: readonly string[];
  flags: Parameters<typeof hintText>[1]["settings"]["flags"];
  /** The folders with herm's own files; their hint suggests another place. */
  folders: Folders | undefined;
}

function explainSafely(
  error: unknown,
  { keys, flags, folders }: SafeWords,
): ErrorReport & { exitCode: ExitCode } {
  const verdict = explainError(error, createRedactor(keys));
  const ofFile = error instanceof FileError && folders !== undefined ? folderHint(error, folders) : undefined;
  const hint = verdict.hint ?? ofFile;
  const redact = createRedactor(keys, "ours");
  return {
    ...verdict,
    message: redact(verdict.message),
    hint: hint === undefined ? undefined : redact(hintText(hint, { settings: { flags } })),
    requestId: verdict.requestId === undefined ? undefined : redact(verdict.requestId),
  };
}

/** The message without keys and attempts, so that errors with the same cause have the same text. */
export function causeOf(error: unknown, settings: Pick<Settings, "knownKeys">): string {
  const keys = settings.knownKeys();
  return createRedactor(keys, "ours")(plainWordsOf(error, createRedactor(keys)).message);
}

export const addressHint = "is that the API's address? --api-url, HERM_API_URL or the profile sets it";

function wordsOfClient(error: HermError): ErrorWords {
  const { message } = error;
  if (exitCodeOf(error) === exitCodes.usage) return { message, code: "usage" };
  if (error instanceof RedirectError) return { message, code: "redirect_refused" };
  if (error instanceof TimeoutError) return { message, code: "timeout", hint: hintOfTimeout(error) };
  if (error instanceof ConnectionError)
    return { message, code: "unreachable", hint: hintOfConnection(error) };
  if (error instanceof UnchangedError)
    return { message, code: "change_ignored", hint: hintOfUnchanged(error) };
  if (error instanceof UnexpectedAnswerError)
    return { message, code: "unexpected_answer", hint: addressHint };
  return { message, code: "unexpected" };
}

function hintOfUnchanged({ sent: { deployment_id, automation_id } }: UnchangedError): Hint {
  return hintTo("to see it as it is now", "automations", "get", `${deployment_id}/${automation_id}`);
}

export const reachHint = (herm: CommandWriter) =>
  `is the server up, and the address right? to check both: ${herm("doctor")}`;

function hintOfTimeout({ isTotalTimeout }: TimeoutError): Hint {
  return (herm) => `for more time, add ${isTotalTimeout ? "--max-wait" : "--timeout"}; ${reachHint(herm)}`;
}

function hintOfConnection(error: ConnectionError): Hint {
  if (error instanceof ProxyError && error.status === 407)
    return "set both in HTTPS_PROXY, as http://<user>:<password>@<host>:<port>";
  if (error instanceof ProxyError)
    return "HTTPS_PROXY sets the proxy; NO_PROXY lists the hosts that are reached without one";
  if (isUnknownIssuer(error))
    return "if your company or network signs its own certificates, set NODE_EXTRA_CA_CERTS to a PEM file of its authorities";
  return reachHint;
}

function wordsOfAnswer(error: ApiError): ErrorWords {
  const { code, status, requestId, retryAt } = error;
  const message =
    status === 404 ? `${error.message.replace(/\.$/, "")}${thingAt(error.path)}` : error.message;
  const hint =
    retryAt && `the API accepts no requests until ${retryAt.toISOString().replace(/\.\d+Z$/, "Z")}`;
  return { message, code, status, requestId, hint: hint ?? hintOfStatus(status, code) };
}

function thingAt(path = ""): string {
  const ids = path.match(/\b(?:dep|auto|run|thr)_\w+/g);
  return ids === null ? "" : `: ${ids.join("/")}`;
}

function hintOfStatus(status: number, code: string): Hint | undefined {
  if (status === 401)
    return hintTo("is the key wrong, or revoked? to see which key is used", "auth", "status");
  if (status === 403 && code === "wrong_host")
    return "use exactly that address in HERM_API_URL or the setting api_url: localhost is a different one";
  if (status === 403)
    return hintTo("the key lacks the scope for this; to see which key is used", "auth", "status");
  if (status === 404)
    return (herm) => `to see what exists: ${herm("automations", "list")}, or ${herm("deployments", "list")}`;
  if (status === 409)
    return hintTo("a new deployment isn't ready immediately; to see its status", "deployments", "list");
  return undefined;
}

function keysOf(invocation: Invocation, env: System["env"]): string[] {
  const fromEnv = [env.HERM_API_KEY, env.PRISM_API_KEY, env.HERM_DEV_KEY].filter((key) => key !== undefined);
  const fromFiles = settingsOf(invocation)?.knownKeys() ?? [];
  return [...new Set([...invocation.secrets, ...fromEnv, ...fromFiles])];
}

function settingsOf(invocation: Invocation): Settings | undefined {
  if (invocation.flags === undefined) return undefined;
  try {
    return invocation.settings;
  } catch {
    return undefined;
  }
}
