import { declareCommand } from "../../../command/declaration.js";
import { duration } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import type { Context } from "../../../context.js";
import {
  automationFilter,
  type DeploymentTarget,
  isOfSeveral,
  type Selection,
} from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import { printList } from "../../../output/list.js";
import { createPrinter, type Printer } from "../../../output/printer.js";
import { formatRfc3339 } from "../../../output/time.js";
import { textOrDash } from "../../../output/value-text.js";
import { nextTimes } from "../../../schedule/cron-times.js";
import { readSchedule } from "../../../schedule/read.js";
import { resolveDeployments } from "../../targets/resolve-deployment.js";
import { readSelection, selectionFlags, warnOfUnmatched } from "../../targets/selection.js";
import { nothingRead, type Reach, readPages } from "../list/rows.js";
import {
  groupFrequent,
  groupOccurrences,
  mergeTimes,
  type Occurrence,
  timesOf,
  type UpcomingTimes,
} from "./occurrences.js";
import { renderTimeline } from "./timeline.js";
import type { ReadFacts } from "./why-empty.js";

/** Runs in the window from which an automation is shown once. */
const mostShown = 12;

export const command = declareCommand({
  effect: "reads",
  flags: {
    within: duration("how far to look ahead", { usual: "24h" }),
    ...selectionFlags,
  },
  help: {
    about: "Show what runs next, across deployments, in time order.",
    use: "Before a deploy, a maintenance window or a pause. The first time of each automation comes from the server; later ones are estimated here and marked ≈.",
    inPipe: "time, name, deployment, id, estimated or server",
    exitCodes: requestCodes({ 8: "some deployments could not be read" }),
    examples: ["herm automations upcoming", "herm automations upcoming --within 6h --all-deployments"],
  },
  /** Throws PartialFailureError where some could not be read. */
  async run(context, input): Promise<void> {
    const selection = readSelection(context, input);
    const printer = await createPrinter(context);
    const targets = await resolveDeployments(context, selection);
    const { sources, read, unreadable, now } = await readTimes(context, { targets, printer, selection });
    const until = new Date(now.getTime() + input.within);
    const empty = async () => (await import("./why-empty.js")).whyNothingFires(read, { selection, now });
    const isFleet = isOfSeveral(selection);
    await printTimes(printer, { occurrences: mergeTimes(sources, until), now, isFleet, empty });
    if (unreadable.length === 0) return;
    const { reportUnreadable } = await import("../../fleet/read-with-progress.js");
    await reportUnreadable(unreadable, { printer, settings: context.settings });
  },
});

interface Times {
  occurrences: Iterable<Occurrence>;
  now: Date;
  isFleet: boolean;
  empty(): Promise<string>;
}

async function printTimes(printer: Printer, { occurrences, now, isFleet, empty }: Times): Promise<void> {
  if (printer.isForPerson) {
    const shown = groupFrequent(occurrences, mostShown);
    const { style, columns } = printer;
    printer.out(await renderTimeline(groupOccurrences(shown), { now, style, columns, isFleet }));
    return printer.note(shown.length === 0 ? await empty() : totalText(shown));
  }
  await printList<Occurrence>(printer, {
    items: occurrences,
    columns: [
      { key: "at", title: "AT", cell: (row) => formatRfc3339(row.at) },
      { key: "name", title: "NAME", cell: (row) => textOrDash(row.automation.name) },
      { key: "deployment", title: "DEPLOYMENT", cell: (row) => row.deployment_id },
      { key: "id", title: "ID", cell: (row) => row.automation.automation_id },
      { key: "source", title: "SOURCE", cell: (row) => (row.isEstimated ? "estimated" : "server") },
    ],
    json: occurrenceJson,
    name: (row) => row.automation.automation_id,
    deploymentOf: isFleet ? (row) => row : undefined,
    empty,
  });
}

function totalText(occurrences: readonly Occurrence[]): string {
  const runs = occurrences.reduce((sum, { more = 0 }) => sum + 1 + more, 0);
  const ids = new Set(
    occurrences.map(
      ({ deployment_id, automation: { automation_id } }) => `${deployment_id}/${automation_id}`,
    ),
  );
  return `${counted(runs, "run")} of ${counted(ids.size, "automation")}`;
}

function occurrenceJson(row: Occurrence): object {
  return {
    at: formatRfc3339(row.at),
    deployment_id: row.deployment_id,
    automation_id: row.automation.automation_id,
    name: row.automation.name ?? null,
    estimated: row.isEstimated,
  };
}

async function readTimes(
  context: Context,
  {
    targets,
    printer,
    selection,
  }: { targets: readonly DeploymentTarget[]; printer: Printer; selection: Selection },
): Promise<{ sources: UpcomingTimes[]; read: ReadFacts; unreadable: Reach["unreadable"]; now: Date }> {
  const isSelected = automationFilter(selection);
  const sources: UpcomingTimes[] = [];
  const read: ReadFacts = { names: [], selected: [] };
  let now: Date | undefined;
  const reach = nothingRead();
  for await (const rows of readPages(context, {
    targets,
    printer,
    inWords: false,
    readsAhead: true,
    reach,
  })) {
    now ??= context.serverNow();
    for (const row of rows) {
      const { automation, deployment_id } = row;
      const { name, enabled, schedule, next_run_at } = automation;
      read.names.push(name ?? "");
      if (!isSelected(automation)) continue;
      read.selected.push({ name, enabled, schedule, next_run_at });
      if (enabled === false) continue;
      const reading = readSchedule(schedule ?? "");
      const base = {
        automation,
        deployment_id,
        deployment_name: row.deployment_name ?? deployment_id,
        customer_id: row.customer_id,
      };
      const ours = reading.ok
        ? (from: Date, count: number) => nextTimes(reading.cron, from, count)
        : undefined;
      sources.push(timesOf(base, { nextTimes: ours, now }));
    }
  }
  warnOfUnmatched(printer, selection);
  return { sources, read, unreadable: reach.unreadable, now: now ?? context.serverNow() };
}
