import { declareCommand, type InputOf, requestCodes } from "../../../command/declaration.js";
import { advanced, choice, count, duration, flag, inGroup, wordList } from "../../../command/flags.js";
import type { Context } from "../../../context/context.js";
import { UsageError } from "../../../errors/cli-errors.js";
import { readSelection, selectionFlags } from "../../../operations/selection/selection-flags.js";
import { deploymentFirst, pipedFields } from "../../../output/columns.js";
import { usualGraceMs } from "../../../runs/state.js";
import { automationColumns, automationFields, automationKeys } from "../shared/automation-columns.js";
import { type AutomationListOptions, printAutomations } from "./print.js";

const columnKeys = [...automationKeys, ...automationFields];

const fieldsText = automationFields.join(", ");

const { failing, ...otherSelectionFlags } = selectionFlags;

export const command = declareCommand({
  effect: "reads",
  flags: {
    ...inGroup("Which ones", {
      failing: { ...failing, isAdvanced: false },
      waiting: flag("only those whose last run is waiting for an answer"),
      overdue: flag("only those that should have run but didn't (an estimate)"),
      grace: advanced(duration("how late a run may be before it is overdue (default 15m)")),
      unexpected: flag("only those that ran on schedule despite being paused"),
      enabled: flag("only enabled automations", { excludes: ["paused"] }),
      paused: flag("only paused automations"),
    }),
    ...otherSelectionFlags,
    ...inGroup("Output", {
      watch: flag("redraw in place and mark changes; q or Ctrl-C stops", { excludes: ["exitCode"] }),
      exitCode: flag("exit with 9 if anything is listed"),
      sort: advanced({
        ...choice("column", `by ${automationKeys.join(", ")}, or a JSON field`, columnKeys),
        offers: automationKeys,
      }),
      columns: advanced(
        wordList(`only these, in this order: columns, or the JSON fields ${fieldsText}`, columnKeys),
      ),
      limit: advanced(count("at most this many (default: all)")),
    }),
  },
  help: {
    about: "List automations in one deployment or many: schedule, status, last and next run.",
    use: "See your automations and when they run next. With --exit-code, you can monitor a fleet: combined, --unexpected, --failing or --failures, --overdue and --waiting list automations that match any of them. --failing looks at the last run that ended, --waiting at the last run, even for paused automations; herm runs list --waiting looks at all runs.",
    notes:
      "On a narrow terminal, times and schedules are shortened, and a status is shown only as its mark: ◉ enabled, ○ paused, ▲ unexpected, ✗ failing, ? waiting, ! overdue, ○▣ held by an incident.",
    inPipe: `${pipedFields(automationColumns(new Date(0), { withDeployment: false }))} ${deploymentFirst}`,
    exitCodes: requestCodes({
      8: "some could not be read",
      9: "with --exit-code, if anything is listed",
    }),
    examples: [
      "herm automations list",
      "herm automations list --paused --sort name",
      "herm automations list --all-deployments --overdue --failing --waiting --unexpected --exit-code",
    ],
  },
  run: (context, input): Promise<void> => printAutomations(context, readInput(context, input)),
});

function readInput(context: Context, input: InputOf<typeof command>): AutomationListOptions {
  const { enabled, paused, overdue, grace } = input;
  if (grace !== undefined && !overdue) throw new UsageError("--grace needs --overdue");
  return {
    ...input,
    selection: readSelection(context, input),
    enabled: enabled ? true : paused ? false : undefined,
    graceMs: grace ?? usualGraceMs,
  };
}
