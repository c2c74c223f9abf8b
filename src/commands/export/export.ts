/** The command `export`: collects automations, then writes files or prints them. */

import { existsSync, statSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { declareCommand, type InputOf, requestCodes } from "../../command/declaration.js";
import { flag, text } from "../../command/flags.js";
import type { Context } from "../../context/context.js";
import { NotPossibleError, UsageError } from "../../errors/cli-errors.js";
import { withFileErrors, writeNamed } from "../../files/file-error.js";
import { writeTogether } from "../../files/write-together.js";
import { type ItemResult, isNotReady, stopsOf } from "../../fleet/outcome.js";
import {
  automationFilter,
  type DeploymentTarget,
  isOfSeveral,
  listDeployments,
} from "../../fleet/selection.js";
import { readOneOfMany } from "../../fleet/silent-deployments.js";
import { messageOf } from "../../invocation/report-error.js";
import {
  type Collection,
  checkUniqueNames,
  collectAutomations,
  withNames,
} from "../../manifest/export/collect.js";
import {
  automationsInOrder,
  type ExportFile,
  exportFiles,
  fitsOneManifest,
  manifestObject,
  stemsByName,
  type WriteOptions,
  writeManifest,
} from "../../manifest/export/manifest-text.js";
import { excerpt } from "../../manifest/mistake.js";
import { hasManifestName } from "../../manifest/read/folder.js";
import { failureOf } from "../../operations/rows/exit-error.js";
import {
  type ReadFailure,
  ReadingProgress,
  unreadableError,
  warnOfUnreadable,
} from "../../operations/rows/progress.js";
import type { ListedItem } from "../../operations/rows/runs-reader.js";
import { noneFailsText, selectFailing } from "../../operations/rows/select-failing.js";
import { retryOutages } from "../../operations/rows/wait-notes.js";
import { resolveDeployments } from "../../operations/selection/resolve.js";
import {
  readSelection,
  selectionFlags,
  silenceHint,
  warnOfSkipped,
  warnOfUnmatched,
} from "../../operations/selection/selection-flags.js";
import { counted } from "../../output/count.js";
import { printList } from "../../output/print-list.js";
import { createPrinter, type Printer, printOne } from "../../output/printer.js";
import { safe } from "../../output/safe.js";
import { loadDescribeCron } from "../../schedule/describe.js";
import { readSchedule } from "../../schedule/read.js";

export const command = declareCommand({
  effect: "reads",
  flags: {
    to: text("file|dir", "where to write; - means stdout (default: stdout)", { completes: "files" }),
    force: flag("overwrite existing files"),
    byName: flag("write names instead of ids, to apply the files in another environment"),
    ...selectionFlags,
  },
  help: {
    about:
      "Write automations as manifests for apply and diff: one file per deployment, plus one for each set of long instructions.",
    use: "Start using files, keep a copy, or move automations to another deployment.",
    inPipe: "the manifest; with --to, the paths of the files, one per line",
    exitCodes: requestCodes({
      6: "a file already exists and --force is missing, a file can't be written, or with --by-name two share a name",
      8: "some deployments could not be read, or could not be written by name",
    }),
    examples: [
      "herm export > herm.yaml",
      "herm export --all-deployments --to automations",
      "herm export --all-deployments --by-name --to automations",
    ],
  },
  run: (context, input): Promise<void> => exportAutomations(context, input),
});

/** Writes the selected automations as manifests that reproduce them. */
async function exportAutomations(
  context: Context,
  { to, force, byName, ...flags }: InputOf<typeof command>,
): Promise<void> {
  const selection = readSelection(context, flags);
  const printer = await createPrinter(context);
  if (isOfSeveral(selection)) await retryOutages(context);
  const client = await context.client();
  const chosen = await resolveDeployments(context, selection);
  const { isNamesOnly } = printer.format;
  const destination = chooseDestination(context, { to, count: chosen.length, isNamesOnly });
  const existing = byName ? await listDeployments(client, undefined, context.signal) : [];
  const targets = byName ? withNames(chosen, existing) : chosen;
  const progress = new ReadingProgress(context, printer);
  const unread: ReadFailure[] = [];
  const choose = async <Item extends ListedItem>(all: readonly Item[]) => {
    const items = all.filter(automationFilter(selection));
    const { failures } = selection;
    const failing = await selectFailing(context, items, { failures, printer, isFleet: targets.length > 1 });
    if (failures !== undefined && failing.items.length === 0)
      printer.note(noneFailsText(failures, items.length));
    unread.push(...failing.unreadable);
    return failing.items;
  };
  const collected = await collectAutomations(targets, {
    client,
    signal: context.signal,
    readOne: readOneOfMany(context, client),
    choose,
    onStart: (stage, total) => progress.start(stage, total),
    onRead: () => progress.item(),
  }).finally(() => progress.finish());
  const collections = byName ? checkUniqueNames(collected, existing) : collected;
  const written = collections.filter(({ error }) => error === undefined);
  const work = { printer, collections: written, count: targets.length, isByName: byName };
  if (destination === undefined) await printExport(work);
  else await saveExport({ ...work, destination, isForced: force });
  for (const { target, leftOut, unreadable } of written) {
    const shown = unreadable.map(({ automation_id, schedule }) => `${automation_id} (${excerpt(schedule)})`);
    if (shown.length > 0)
      printer.warn(`skipped in ${target.name}, because herm can't read the schedule: ${shown.join(", ")}`);
    if (leftOut.length > 0)
      printer.warn(
        `skipped in ${target.name}, because the API omits fields that a manifest needs: ${leftOut.join(", ")}`,
      );
  }
  warnOfUnmatched(printer, selection);
  const isKeyRefused = collections.some(({ error }) => stopsOf(error) === "everything");
  const waitHint = silenceHint(collections.map(({ target, error }) => ({ what: target.name, error })));
  const failure = failureOf(toResults(collections, printer), isKeyRefused ? undefined : waitHint);
  await warnOfUnreadable(unread, { printer, settings: context.settings });
  const error = failure ?? unreadableError(unread, "manifest");
  if (error !== undefined) throw error;
}

/** Warns about a deployment that isn't ready; any other failure is an error. */
function toResults(collections: readonly Collection[], printer: Printer): ItemResult<unknown, unknown>[] {
  return collections.flatMap(({ target, error }): ItemResult<unknown, unknown>[] => {
    if (error === undefined) return [{ item: target, outcome: { result: "unchanged", value: target } }];
    if (isNotReady(error)) {
      warnOfSkipped(printer, target);
      return [];
    }
    if (collections.length > 1) printer.warn(`${target.name} (${target.deployment_id}): ${messageOf(error)}`);
    return [{ item: target, outcome: { result: "failed", error } }];
  });
}

interface ExportWork {
  printer: Printer;
  collections: readonly Collection[];
  count: number;
  isByName: boolean;
}

interface ExportDestination {
  path: string;
  shown: string;
  isFolder: boolean;
}

/**
 * Chooses the destination of an export before anything is read; undefined means stdout. Throws UsageError if `to` can't
 * be used for several deployments, and NotPossibleError if it can't be written to.
 */
function chooseDestination(
  { settings }: Pick<Context, "settings">,
  { to, count, isNamesOnly }: { to: string | undefined; count: number; isNamesOnly: boolean | undefined },
): ExportDestination | undefined {
  if (to === undefined || to === "-") {
    if (count < 2 || isNamesOnly === true) return undefined;
    throw new UsageError(`one manifest can't contain ${count} deployments`, {
      hint: "to write one file for each, use --to <folder>",
    });
  }
  const path = resolve(settings.environment.cwd, to);
  const found = writeNamed(() =>
    withFileErrors(to, "can't be written", () => statSync(path, { throwIfNoEntry: false })),
  );
  // A device, such as /dev/stdout, would be replaced by a file.
  if (found !== undefined && !found.isFile() && !found.isDirectory())
    throw new UsageError(`${to} isn't a file`, { hint: "leave out --to to write to stdout" });
  // A new path is a file if it has a manifest's extension, otherwise a folder.
  const isFolder = found?.isDirectory() ?? !hasManifestName(to);
  if (!isFolder && count > 1) throw new UsageError(`${count} deployments need a folder; ${to} is a file`);
  return { path, shown: to, isFolder };
}

/** Prints one deployment's manifest as YAML, or JSON if requested. */
async function printExport(work: ExportWork): Promise<void> {
  const { printer, collections } = work;
  if (printer.format.isNamesOnly) return printIds(printer, work);
  const [only] = collections;
  if (only === undefined) return;
  warnIfTooLarge(printer, only);
  const options = await writeOptions(only, work);
  await printOne(printer, {
    json: manifestObject(options),
    table: () => printer.out(writeManifest(options)),
  });
}

async function printIds(
  printer: Printer,
  { collections, count }: Pick<ExportWork, "collections" | "count">,
): Promise<void> {
  for (const { target, automations } of collections) {
    for (const { automation_id } of automationsInOrder(automations)) {
      const id = count > 1 ? `${target.deployment_id}/${automation_id}` : automation_id;
      await printer.line(safe(id, "cell"));
    }
  }
}

/** Writes manifests to a file or folder. Throws NotPossibleError first if one of the files exists, unless forced. */
async function saveExport(
  work: ExportWork & { destination: ExportDestination; isForced: boolean },
): Promise<void> {
  const { printer, collections, destination, isForced } = work;
  const files = await filesOf(work);
  const there = files.filter(({ path }) => existsSync(path));
  const [first] = there;
  if (first !== undefined && !isForced) {
    const others = there.length === 1 ? "" : `, and ${there.length - 1} more`;
    throw new NotPossibleError(`${first.shown} already exists${others}; nothing was written`, {
      hint: `to overwrite ${there.length === 1 ? "it" : "them"}, add --force`,
    });
  }
  writeTogether(files);
  if (printer.format.isNamesOnly) return printIds(printer, work);
  if (printer.isForPerson) {
    const automations = collections.reduce((sum, collection) => sum + collection.automations.length, 0);
    const where = collections.length === 1 ? "" : ` of ${collections.length} deployments`;
    return printer.line(
      `${printer.style.ok} ${counted(automations, "automation")}${where} in ${safe(destination.shown, "cell")}`,
    );
  }
  await printList(printer, {
    items: files.map(({ shown, deployment_id }) => ({ deployment_id, file: shown })),
    columns: [{ key: "file", title: "FILE", cell: (row) => row.file }],
    json: (row) => row,
    name: (row) => row.file,
    empty: "nothing to write",
  });
}

async function filesOf(
  work: ExportWork & { destination: ExportDestination },
): Promise<(ExportFile & { shown: string; deployment_id: string })[]> {
  const { printer, collections, isByName } = work;
  const { path, shown, isFolder } = work.destination;
  if (!isFolder) {
    const [only] = collections;
    if (only === undefined) return [];
    warnIfTooLarge(printer, only);
    const options = await writeOptions(only, work);
    const isJson = extname(shown).toLowerCase() === ".json";
    const text = isJson ? `${JSON.stringify(manifestObject(options), null, 2)}\n` : writeManifest(options);
    return [{ path, shown, deployment_id: only.target.deployment_id, text }];
  }
  const stems = isByName ? stemsByName(collections.map(({ target }) => target)) : undefined;
  const ofEach = collections.map(async (collection) => {
    const { deployment_id } = collection.target;
    const files = exportFiles(await writeOptions(collection, work), stems?.get(deployment_id));
    return files.map((file) => ({
      ...file,
      path: join(path, file.path),
      shown: join(shown, file.path),
      deployment_id,
    }));
  });
  return (await Promise.all(ofEach)).flat();
}

async function writeOptions(
  { target, automations }: Collection,
  { isByName }: Pick<ExportWork, "isByName">,
): Promise<WriteOptions> {
  const { deployment_id, name } = target;
  const describeCron = await loadDescribeCron();
  // A schedule that is already in words needs no description.
  const describe = (schedule: string) => {
    const reading = readSchedule(schedule);
    return reading.ok && reading.kind === "cron" ? describeCron(reading.cron) : undefined;
  };
  const title = `Automations of ${isByName ? name : titleOf(target)}`;
  return { deployment_id, deployment_name: isByName ? name : undefined, automations, title, describe };
}

function titleOf({ name, deployment_id, customer_id }: DeploymentTarget): string {
  const customer = customer_id === undefined ? "" : ` (${customer_id})`;
  return name === deployment_id ? deployment_id : `${name}${customer}`;
}

function warnIfTooLarge(printer: Printer, { automations }: Collection): void {
  if (fitsOneManifest(automations)) return;
  printer.warn("this is too much for one manifest; to split it, use --to <folder>");
}
