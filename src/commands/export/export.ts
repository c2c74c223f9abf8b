import { declareCommand, type InputOf } from "../../command/declaration.js";
import { flag, text } from "../../command/flags.js";
import { requestCodes } from "../../command/help.js";
import type { Context } from "../../context/context.js";
import { type ItemResult, isNotReady, reachOf } from "../../fleet/outcome.js";
import { automationFilter, isOfSeveral, listDeployments } from "../../fleet/selection.js";
import { readOneOfMany } from "../../fleet/silent-deployments.js";
import { messageOf } from "../../invocation/report.js";
import { checkUniqueNames, withNames } from "../../manifest/export/by-name.js";
import { type Collection, collectAutomations } from "../../manifest/export/collect.js";
import { excerpt } from "../../manifest/mistake.js";
import { failureOf } from "../../operations/rows/exit-error.js";
import { retryOutages } from "../../operations/rows/outage-retry.js";
import { ReadingProgress } from "../../operations/rows/progress.js";
import {
  type ReadFailure,
  unreadableError,
  warnOfUnreadable,
} from "../../operations/rows/read-with-progress.js";
import type { ListedItem } from "../../operations/rows/runs-reader.js";
import { noneFailsText, selectFailing } from "../../operations/rows/select-failing.js";
import { resolveDeployments } from "../../operations/selection/resolve-deployment.js";
import {
  readSelection,
  selectionFlags,
  silenceHint,
  warnOfSkipped,
  warnOfUnmatched,
} from "../../operations/selection/selection.js";
import { createPrinter, type Printer } from "../../output/printer.js";
import { chooseDestination, printExport, saveExport } from "./write-export.js";

export const command = declareCommand({
  effect: "reads",
  flags: {
    to: text("file|dir", "where to write (default, and -: stdout)", { completes: "files" }),
    force: flag("overwrite existing files"),
    byName: flag("names instead of ids, to apply in another environment"),
    ...selectionFlags,
  },
  help: {
    about:
      "Write automations as a manifest for apply and diff: a file for each deployment, and one for each long instructions text.",
    use: "Start using files, keep a copy, or move automations to another deployment.",
    inPipe: "the manifest; with --to the paths of the files, one a line",
    exitCodes: requestCodes({
      6: "a file exists and --force is missing, it can't be written, or with --by-name two share a name",
      8: "some deployments could not be read, or not be written by name",
    }),
    examples: [
      "herm export > herm.yaml",
      "herm export --all-deployments --to automations",
      "herm export --all-deployments --by-name --to automations",
    ],
  },
  run: (context, input): Promise<void> => exportAutomations(context, input),
});

/** Writes the selected automations as manifests: reading one back gives what is there. */
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
  const everyone = byName ? await listDeployments(client, undefined, context.signal) : [];
  const targets = byName ? withNames(chosen, everyone) : chosen;
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
  const collections = byName ? checkUniqueNames(collected, everyone) : collected;
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
        `skipped in ${target.name}, because the API doesn't send everything a manifest needs: ${leftOut.join(", ")}`,
      );
  }
  warnOfUnmatched(printer, selection);
  const isKeyRefused = collections.some(({ error }) => reachOf(error) === "everything");
  const waitHint = silenceHint(collections.map(({ target, error }) => ({ what: target.name, error })));
  const failure = failureOf(toResults(collections, printer), isKeyRefused ? undefined : waitHint);
  await warnOfUnreadable(unread, { printer, settings: context.settings });
  const error = failure ?? unreadableError(unread, "manifest");
  if (error !== undefined) throw error;
}

/** Warns about a deployment that isn't ready; any other failure is one. */
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
