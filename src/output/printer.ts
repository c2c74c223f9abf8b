import type { Context, Io } from "../context/context.js";
import { InterruptedError, QuietExit, UsageError } from "../errors/cli-errors.js";
import type { GlobalFlags, Settings } from "../settings/settings.js";
import type { Format, OneResult, OutputTarget } from "./formats/format.js";
import { loadFormat } from "./formats/formats.js";
import { type AnnotationLocation, annotation } from "./github.js";
import { toJson } from "./printed-json.js";
import { safe } from "./safe.js";
import { errWidth, guardOutput, labelled, loadFold, sinkOf, widestTerminal } from "./sink.js";
import { loadStyle, type Style } from "./style.js";

export interface RenderOptions {
  style: Style;
  /** The terminal's width in columns; undefined if lines may have any length. */
  width: number | undefined;
  /** `--verbose`: shows each automation separately, and whole texts. */
  isVerbose: boolean;
}

/**
 * The output of a command, and the kind of reader it has. Results go to stdout, and everything else to stderr
 * (src/output/README.md, "The formats"). Finished text (`out`, `line`, `err`) has been sanitised by the caller; plain
 * text (`note`, `warn`, `hint`) is sanitised here, and contains no key.
 */
export interface Printer extends OutputTarget {
  readonly format: Format;
  /** True if the output is for people, on a terminal or in a log. */
  readonly isForPerson: boolean;
  /** `--quiet`: writes only warnings, failures and questions to stderr. */
  readonly isQuiet: boolean;
  readonly isVerbose: boolean;
  line(text: string): Promise<void>;
  json(value: unknown): Promise<void>;
  /** Writes plain text to stderr, unless `--quiet`. */
  note(text: string): void;
  hint(text: string): void;
  warn(text: string): void;
  /** Writes finished text to stderr unchanged. */
  err(text: string): void;
  annotate(kind: "error" | "warning" | "notice", message: string, location?: AnnotationLocation): void;
  /** True if stdout no longer has a reader. Then a command that only reads stops; one that changes things continues. */
  readonly closed: boolean;
  readonly errStyle: Style;
  readonly renderOptions: RenderOptions & { width: number };
  readonly errRenderOptions: RenderOptions;
}

export function requireScreen({ isForPerson }: Pick<Printer, "isForPerson">): void {
  if (!isForPerson) throw new UsageError("--watch needs a terminal and the format table");
}

export async function createPrinter({
  io,
  settings,
  call,
}: {
  io: Pick<Io, "stdout" | "stderr" | "stdoutIsTty" | "stderrIsTty" | "colour" | "inWords" | "columns">;
  settings: Pick<Settings, "output" | "env" | "redact"> & { flags: Pick<GlobalFlags, "quiet" | "output"> };
  call?: Pick<Context["call"], "flags" | "printsText">;
}): Promise<Printer> {
  const { output, env, flags, redact } = settings;
  const { quiet: isQuiet } = flags;
  const isVerbose = call?.flags.verbose === true;
  const isLog = !io.stdoutIsTty && call?.printsText === true && flags.output === undefined;
  const columns = isLog ? widestTerminal : io.columns;
  const githubActions = env("GITHUB_ACTIONS") === "true";
  const stdout = sinkOf(io.stdout);
  const stderr = sinkOf(io.stderr);
  const [format, style, errStyle, fold] = await Promise.all([
    loadFormat(output),
    loadStyle(io, "stdout"),
    loadStyle(io, "stderr"),
    loadFold(io),
  ]);
  if (githubActions) guardOutput(io);
  const out = (text: string) => stdout.write(text);
  const err = (text: string) => void stderr.write(text);
  return {
    out,
    line: (text) => out(`${text}\n`),
    json: (value) => out(`${toJson(value, { githubActions })}\n`),
    note: (text) => {
      if (!isQuiet) err(`${fold(safe(redact(text), "block"))}\n`);
    },
    hint: (text) => {
      if (!isQuiet) err(`${labelled("hint:", redact(text), { fold })}\n`);
    },
    warn: (text) => err(`${labelled("warning:", redact(text), { paint: errStyle.bold, fold })}\n`),
    err,
    annotate: (kind, message, location) => {
      if (githubActions) void stderr.writeCommand(annotation(kind, redact(message), location));
    },
    get closed() {
      return stdout.isClosed;
    },
    format,
    isForPerson: format.isForReading === true && (io.stdoutIsTty || isLog),
    isQuiet,
    isVerbose,
    stdoutIsTty: io.stdoutIsTty,
    columns,
    githubActions,
    style,
    errStyle,
    renderOptions: { style, width: columns, isVerbose },
    errRenderOptions: { style: errStyle, width: errWidth({ io }), isVerbose },
  };
}

export function printOne(printer: Printer, result: OneResult): Promise<void> {
  return printer.format.one(printer, result);
}

/** Prints a result that may be followed by others; in JSON, it is one line. */
export function printFirst(printer: Printer, result: OneResult): Promise<void> {
  const { one, first = one } = printer.format;
  return first(printer, result);
}

/** The error to throw if Ctrl-C is the usual way to end: on a terminal, it only sets the exit code. */
export function watchEnd(error: unknown, { format }: Pick<Printer, "format">): unknown {
  const isReported = error instanceof InterruptedError && format.isForReading;
  return isReported ? new QuietExit(error.exitCode) : error;
}
