import { openSync, readSync, type Stats, statSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import type { Context } from "../../../context/context.js";
import { NotPossibleError, UsageError } from "../../../errors/cli-errors.js";
import { withFileErrors, writeNamed } from "../../../files/file-error.js";
import { isInside } from "../../../files/folders.js";
import { realPathOf } from "../../../files/machine.js";
import { closeRead } from "../../../files/owned-files.js";
import { type FileToWrite, tryWriting, writeTogether } from "../../../files/write-together.js";
import { messageOf } from "../../../invocation/report-error.js";
import { createPrinter } from "../../../output/printer.js";
import { createRedactor } from "../../../settings/key.js";
import { type FinalReport, type Report, readEnding } from "./report-data.js";

/** Sets a command's report; the last call wins. */
export type SetReport = (report: Report) => void;

/** The reports to write, and their contents beyond the command's own data. */
export interface ReportRequest {
  given: readonly string[];
  command: string;
  /** The file for the step summary in GitHub Actions. */
  summaryFile: string | undefined;
}

/** The variables in which GitHub, GitLab and Jenkins name the top of the checkout. */
const topVariables = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE"];

/**
 * Runs a command, then writes its reports even if it failed, and ends as it did. If a report can't be written, throws
 * the error from openReports before the command runs, but afterwards only warns, since the work is done.
 */
export async function withReports(
  context: Context,
  { given, command, summaryFile }: ReportRequest,
  run: (setReport: SetReport) => Promise<void>,
): Promise<void> {
  const { settings } = context;
  const files = openReports(given, settings.environment.cwd);
  const started_at = context.now();
  const startedMs = context.monotonic();
  let report: Report | undefined;
  let error: unknown;
  try {
    await run((now) => {
      report = now;
    });
  } catch (thrown) {
    error = thrown;
    throw thrown;
  } finally {
    const redact = createRedactor(settings.knownKeys(), "ours");
    const tookMs = context.monotonic() - startedMs;
    const final = {
      command,
      report,
      ...readEnding(error, { report, settings }),
      started_at,
      tookMs,
      redact,
      fileOf: fileNamer(context),
    };
    await write(context, { files, summaryFile, final });
  }
}

async function write(
  context: Context,
  {
    files,
    summaryFile,
    final,
  }: Pick<ReportRequest, "summaryFile"> & { files: ReturnType<typeof openReports>; final: FinalReport },
): Promise<void> {
  try {
    const texts = new Map<ReportFormat, string>();
    const written: FileToWrite[] = [];
    for (const file of files) {
      checkReport(file);
      const { format, path, shown } = file;
      const text = texts.get(format) ?? (await render[format](final));
      texts.set(format, text);
      written.push({ path, shown, text });
    }
    writeTogether(written);
    if (summaryFile !== undefined)
      await appendFile(summaryFile, `${texts.get("markdown") ?? (await render.markdown(final))}\n`);
  } catch (error) {
    const what = files.length === 0 ? "step summary" : "report";
    (await createPrinter(context)).warn(`the ${what} could not be written: ${messageOf(error)}`);
  }
}

const render: Record<ReportFormat, (final: FinalReport) => Promise<string>> = {
  junit: async (final) => (await import("./junit.js")).renderJunit(final),
  markdown: async (final) => (await import("./markdown.js")).renderMarkdown(final),
};

function fileNamer({ settings }: Context): FinalReport["fileOf"] {
  const { cwd } = settings.environment;
  const [top] = topVariables.flatMap((name) => settings.env(name) ?? []);
  if (top === undefined) return (file) => file;
  return (file) => {
    const path = resolve(cwd, file);
    return file !== "stdin" && isInside(path, top) ? relative(top, path) : file;
  };
}

const formats = ["junit", "markdown"] as const;
type ReportFormat = (typeof formats)[number];

interface ReportFile {
  format: ReportFormat;
  path: string;
  shown: string;
}

/** How herm's own reports start; any other file is never overwritten. */
const beginnings: Record<ReportFormat, RegExp> = {
  junit: /^<\?xml [^>]*>\n<testsuites name="herm /,
  markdown: /^### herm: /,
};

/**
 * Reads `--report`, and checks that each file can be written. Throws UsageError for a value without a file, and
 * NotPossibleError if another file would be overwritten or can't be written.
 */
function openReports(given: readonly string[], cwd: string): ReportFile[] {
  const files = given.map((each) => readReport(each, cwd));
  const paths = new Set<string>();
  for (const { path, shown } of files) {
    if (paths.has(path)) throw new UsageError(`--report names ${shown} twice`);
    paths.add(path);
  }
  for (const file of files) checkReport(file);
  return files;
}

function readReport(given: string, cwd: string): ReportFile {
  const [, word, shown = ""] = /^([^=]*)=(.*)$/s.exec(given) ?? [];
  const format = formats.find((each) => each === word);
  if (format === undefined || shown.trim() === "") {
    throw new UsageError(`--report needs junit=<file> or markdown=<file>, not "${given}"`);
  }
  if (shown === "-") {
    throw new UsageError(`--report ${format} needs a file`, {
      hint: "stdout gets the result, in the format given with -o",
    });
  }
  const path = resolve(cwd, shown);
  return { format, path: realPathOf(path) ?? path, shown };
}

/** Throws UsageError or NotPossibleError if a report can't be written now. */
function checkReport({ format, path, shown }: ReportFile): void {
  writeNamed(
    () => {
      const found = withFileErrors(shown, "can't be written", () =>
        statSync(path, { throwIfNoEntry: false }),
      );
      if (found !== undefined) checkFound(found, { format, path, shown });
      tryWriting(dirname(path), { shown });
    },
    { hint: "give --report another file" },
  );
}

function checkFound(found: Stats, { format, path, shown }: ReportFile): void {
  if (!found.isFile()) {
    throw new UsageError(`--report ${format} needs a file; ${shown} isn't one`);
  }
  const begins = withFileErrors(shown, "can't be written", () => beginningOf(path));
  if (begins === "" || beginnings[format].test(begins)) return;
  throw new NotPossibleError(`${shown} exists but isn't a ${format} report from herm`, {
    hint: "delete it, or give --report another file",
  });
}

function beginningOf(path: string): string {
  const bytes = Buffer.alloc(200);
  const file = openSync(path, "r");
  try {
    return bytes.toString("utf8", 0, readSync(file, bytes));
  } finally {
    closeRead(file);
  }
}
