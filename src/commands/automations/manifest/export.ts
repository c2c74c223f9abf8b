import type { Command } from "commander";
import type { Context } from "../../../context.js";
import type { ItemResult } from "../../../fleet/execute.js";
import { failureOf } from "../../../fleet/failure.js";
import { isNotReady } from "../../../fleet/readiness.js";
import { automationFilter, type Selection } from "../../../fleet/selection.js";
import { type Collection, collectAutomations } from "../../../manifest/collect.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { isFleet, persist } from "../../fleet/persist.js";
import { ReadingProgress } from "../../fleet/reading-progress.js";
import {
  addSelectionFlags,
  readSelection,
  resolveDeployments,
  type SelectionFlags,
  warnOfUnfitted,
} from "../../targets.js";
import { exitCodeOf, messageOf } from "../../verdicts.js";
import { printExport, saveExport } from "./save.js";

export interface ExportOptions {
  selection: Selection;
  /** A file or folder; absent: stdout. */
  to?: string;
  /** Whether files that are there already may be written over. */
  isForced: boolean;
}

export function addExportCommand(parent: Command, context: Context): void {
  const command = parent
    .command("export")
    .option("--to <file|dir>", "where to write (default: stdout)")
    .option("--force", "write over files that are there");
  addSelectionFlags(command).action(
    ({ to, force = false, ...flags }: SelectionFlags & { to?: string; force?: boolean }) =>
      exportAutomations(context, {
        selection: readSelection(context, flags),
        isForced: force,
        ...(to === undefined ? {} : { to }),
      }),
  );
}

/** Writes the selected automations as manifests: reading one back gives what is there. */
export async function exportAutomations(context: Context, options: ExportOptions): Promise<void> {
  const printer = await createPrinter(context);
  if (isFleet(options.selection)) await persist(context);
  const targets = await resolveDeployments(context, options.selection);
  const progress = new ReadingProgress(context, printer);
  const collections = await collectAutomations(targets, {
    client: await context.client(),
    signal: context.signal,
    exitCodeOf,
    includes: automationFilter(options.selection),
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  const written = collections.filter(({ error }) => error === undefined);
  if (options.to === undefined)
    await printExport(context, { printer, collections: written, count: targets.length });
  else
    await saveExport(context, {
      printer,
      collections: written,
      count: targets.length,
      to: options.to,
      isForced: options.isForced,
    });
  for (const { target, leftOut } of written) {
    if (leftOut.length > 0)
      printer.warn(
        `left out in ${target.name}, since the API doesn't say all of what a manifest needs: ${leftOut.join(", ")}`,
      );
  }
  warnOfUnfitted(printer, options.selection);
  const failure = failureOf(toResults(collections, printer), {
    exitCodeOf,
  });
  if (failure !== undefined) throw failure;
}

/** A deployment that isn't ready is left out with a warning; any other failure is one. */
function toResults(collections: readonly Collection[], printer: Printer): ItemResult<unknown, unknown>[] {
  return collections.flatMap(({ target, error }): ItemResult<unknown, unknown>[] => {
    if (error === undefined) return [{ item: target, outcome: { result: "unchanged", value: target } }];
    const name = `${target.name} (${target.deploymentId})`;
    if (isNotReady(error)) {
      printer.warn(`${name} isn't ready: left out`);
      return [];
    }
    if (collections.length > 1) printer.warn(`${name}: ${messageOf(error)}`);
    return [{ item: target, outcome: { result: "failed", error } }];
  });
}
