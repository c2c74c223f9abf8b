import { openSync, readSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { NotPossibleError, UsageError } from "../../../../errors.js";
import { explain, writeNamed } from "../../../../files/file-error.js";
import { closeRead } from "../../../../files/owned-files.js";
import { realPathOf } from "../../../../files/real-path.js";
import { tryWriting } from "../../../../files/try-writing.js";

const formats = ["junit", "markdown"] as const;
export type ReportFormat = (typeof formats)[number];

export interface ReportFile {
  format: ReportFormat;
  path: string;
  shown: string;
}

/** Beginnings of herm's reports: no other file is overwritten. */
const beginnings: Record<ReportFormat, RegExp> = {
  junit: /^<\?xml [^>]*>\n<testsuites name="herm /,
  markdown: /^### herm: /,
};

/**
 * Reads what `--report` was given, and checks that each can be written. Throws UsageError for what names no file, and
 * NotPossibleError where another file would be overwritten, or nothing can be written.
 */
export function openReports(given: readonly string[], cwd: string): ReportFile[] {
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
    throw new UsageError(`--report takes junit=<file> or markdown=<file>, not "${given}"`);
  }
  if (shown === "-") {
    throw new UsageError(`--report ${format} goes to a file`, {
      hint: "stdout has the result; -o says its format",
    });
  }
  const path = resolve(cwd, shown);
  return { format, path: realPathOf(path) ?? path, shown };
}

/** Throws UsageError and NotPossibleError where a report can't be written now. */
export function checkReport({ format, path, shown }: ReportFile): void {
  writeNamed(
    () => {
      const found = explain(shown, "can't be written", () => statSync(path, { throwIfNoEntry: false }));
      if (found !== undefined) checkFound(found, { format, path, shown });
      tryWriting(dirname(path), { shown });
    },
    { hint: "nothing was sent" },
  );
}

function checkFound(found: Stats, { format, path, shown }: ReportFile): void {
  if (!found.isFile()) {
    throw new UsageError(
      `--report ${format} goes to a file; ${shown} is ${found.isDirectory() ? "a folder" : "none"}`,
    );
  }
  const begins = explain(shown, "can't be written", () => beginningOf(path));
  if (begins === "" || beginnings[format].test(begins)) return;
  throw new NotPossibleError(`${shown} already exists, and isn't a ${format} report of herm's`, {
    hint: "nothing was sent; delete it, or give --report another file",
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
