import { relative, resolve } from "node:path";
import type { Context } from "../../../context/context.js";
import { wentWrong } from "../../../fleet/outcome.js";
import { groupBy } from "../../../manifest/group-by.js";
import {
  type FilePosition,
  ManifestError,
  mistakeText,
  RecordError,
  whatIsWrong,
} from "../../../manifest/mistake.js";
import { isNote, type Warning } from "../../../manifest/warnings.js";
import { counted } from "../../../output/count.js";
import type { AnnotationLocation } from "../../../output/github.js";
import type { Printer } from "../../../output/printer.js";
import { createRedactor } from "../../../settings/key.js";
import { differenceText } from "../report/report-data.js";
import { type ChangeRow, wordOf } from "./change-rows.js";
import { alikeError, nameOf, toGroup } from "./groups.js";

type Surroundings = Pick<Context, "settings">;

/** The maximum number of annotations of each kind that GitHub shows for a step. */
const mostAnnotations = 10;

/** Runs `work`; under GitHub Actions, annotates each mistake that it throws at its line. */
export async function annotatingMistakes<Result>(
  context: Surroundings,
  { printer, work }: { printer: Printer; work(): Promise<Result> },
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const mistakes = error instanceof ManifestError || error instanceof RecordError ? error.mistakes : [];
    const redact = createRedactor(context.settings.knownKeys(), "ours");
    for (const mistake of mistakes.slice(0, mostAnnotations)) {
      const { position } = mistake;
      const text = redact(typeof position === "string" ? mistakeText(mistake) : whatIsWrong(mistake));
      printer.annotate(
        "error",
        text,
        typeof position === "string" ? undefined : annotationPosition(context, position),
      );
    }
    throw error;
  }
}

export function annotateWarnings(
  context: Surroundings,
  { printer, warnings }: { printer: Printer; warnings: readonly Warning[] },
): void {
  for (const { kind, text, position } of warnings.slice(0, mostAnnotations)) {
    const level = isNote({ kind }) ? "notice" : "warning";
    printer.annotate(level, text, annotationPosition(context, position));
  }
}

/** Annotates failures as errors, and `differing` rows as warnings; groups identical rows across deployments. */
export function annotateRows(
  context: Surroundings,
  printer: Printer,
  { rows, differing = [] }: { rows: readonly ChangeRow[]; differing?: readonly ChangeRow[] | undefined },
): void {
  if (!printer.githubActions) return;
  const failed = rows.filter(wentWrong);
  annotate("error", failed, (row, name) => [`${wordOf(row)} "${name}"`, `: ${row.error ?? row.result}`]);
  annotate("warning", differing, (row, name) => [`"${name}"`, ` ${differenceText(row)}`]);

  function annotate(
    level: "error" | "warning",
    shown: readonly ChangeRow[],
    textOf: (row: ChangeRow, name: string) => readonly [before: string, after: string],
  ): void {
    const keyOf = (row: ChangeRow) => [
      row.position,
      ...textOf({ ...row, error: alikeError(row) }, nameOf(row)),
    ];
    const groups = groupBy(shown, (row) => JSON.stringify(keyOf(row)));
    for (const { row, error, names, whereInSentence } of [...groups.values()]
      .flatMap(toGroup)
      .slice(0, mostAnnotations)) {
      const [before, after] = textOf({ ...row, error }, names);
      printer.annotate(
        level,
        `${before} ${whereInSentence}${after}`,
        row.position && annotationPosition(context, row.position),
      );
    }
  }
}

function annotationPosition(
  { settings }: Surroundings,
  { file, line, column }: FilePosition,
): AnnotationLocation {
  const root = settings.env("GITHUB_WORKSPACE") ?? settings.environment.cwd;
  return { file: relative(root, resolve(settings.environment.cwd, file)), line, column };
}

const mostShown = 20;

/** Prints warnings on stderr and, under GitHub Actions, at their lines; they don't stop the command. */
export function printPlanWarnings(
  context: Pick<Context, "settings">,
  { printer, warnings }: { printer: Printer; warnings: readonly Warning[] },
): void {
  for (const warning of warnings.slice(0, mostShown)) {
    const text = mistakeText({ ...warning, message: warning.text });
    if (isNote(warning)) printer.note(text);
    else printer.warn(text);
  }
  const more = warnings.length - mostShown;
  if (more > 0) printer.note(`… and ${counted(more, "more warning")}; to see them all: herm lint`);
  annotateWarnings(context, { printer, warnings });
}
