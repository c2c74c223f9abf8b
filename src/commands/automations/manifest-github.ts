import { appendFile } from "node:fs/promises";
import { relative, resolve } from "node:path";
import type { Context } from "../../context.js";
import type { ManifestError, Place } from "../../manifest/mistake.js";
import { type AnnotationPlace, escapeMarkdown } from "../../output/github.js";
import type { Printer } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import type { ChangeRow } from "./manifest-rows.js";

type Surroundings = Pick<Context, "settings">;

/** GitHub shows ten of a kind for each step, and no more. */
const mostAnnotations = 10;
const mostSummaryRows = 200;

/** Under GitHub Actions each mistake stands at its line of the manifest; elsewhere nothing happens. */
export function annotateMistakes(
  context: Surroundings,
  { printer, error }: { printer: Printer; error: ManifestError },
): void {
  for (const { message, place } of error.mistakes.slice(0, mostAnnotations)) {
    printer.annotate("error", message, placeOf(context, place));
  }
}

/** Failures as errors, and with `differences` what differs as warnings, at the manifest's lines. */
export function annotateRows(
  context: Surroundings,
  { printer, rows, differences }: { printer: Printer; rows: readonly ChangeRow[]; differences: boolean },
): void {
  if (!printer.githubActions) return;
  const failed = rows.filter(({ result }) => result === "failed" || result === "unknown");
  for (const row of failed.slice(0, mostAnnotations)) {
    const text = `${row.action} "${row.name}" in ${row.deployment}: ${row.error ?? row.result}`;
    printer.annotate("error", text, row.place && placeOf(context, row.place));
  }
  const differing = differences ? rows.filter((row) => row.isDifference) : [];
  for (const row of differing.slice(0, mostAnnotations)) {
    const fields = Object.keys(row.changes ?? {}).join(", ");
    const what =
      row.action === "update" ? `differs in ${fields}` : `would be ${pastOf[row.action] ?? row.action}`;
    printer.annotate(
      "warning",
      `"${row.name}" in ${row.deployment} ${what}`,
      row.place && placeOf(context, row.place),
    );
  }
}

const pastOf: Record<string, string> = { create: "created", rename: "renamed", delete: "deleted" };

/** Appends to the step's summary what a person wants to see of it; a summary that can't be written is a warning. */
export async function writeStepSummary(
  { settings }: Surroundings,
  {
    printer,
    rows,
    title,
    counts,
  }: { printer: Printer; rows: readonly ChangeRow[]; title: string; counts: string },
): Promise<void> {
  const path = settings.env("GITHUB_STEP_SUMMARY");
  if (!printer.githubActions || path === undefined) return;
  const shown = rows.filter((row) => row.isDifference || row.error !== undefined);
  const lines = [
    `### ${title}`,
    "",
    cell(counts),
    ...(shown.length === 0
      ? []
      : ["", "| | deployment | automation | fields | |", "| --- | --- | --- | --- | --- |"]),
    ...shown.slice(0, mostSummaryRows).map(summaryRow),
    ...(shown.length > mostSummaryRows ? ["", `… and ${shown.length - mostSummaryRows} more`] : []),
  ];
  try {
    await appendFile(path, `${lines.join("\n")}\n\n`);
  } catch (error) {
    printer.warn(`the step summary could not be written: ${error instanceof Error ? error.message : error}`);
  }
}

function summaryRow(row: ChangeRow): string {
  const { action, deployment, name, changes = {}, result, error, reason } = row;
  const fields = action === "create" ? "" : Object.keys(changes).join(", ");
  const outcome = error ?? [result, reason].filter((part) => part !== undefined).join(", ");
  return `| ${[action, deployment, name, fields, outcome].map(cell).join(" | ")} |`;
}

function cell(text: string): string {
  return escapeMarkdown(safe(text, "cell"));
}

/** Annotations name files from the repository's root. */
function placeOf({ settings }: Surroundings, { file, line, column }: Place): AnnotationPlace {
  const root = settings.env("GITHUB_WORKSPACE") ?? settings.places.cwd;
  return { file: relative(root, resolve(settings.places.cwd, file)), line, column };
}
