import type { Command } from "commander";
import { refuseFrozen } from "../../../command/freeze.js";
import { readCount } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { checkSelection, selectsDeployments } from "../../../fleet/selection.js";
import { withNothingDone } from "../../fleet/outage.js";
import { addSelectionFlags, readSelection, type SelectionFlags } from "../../targets.js";
import { switchEnabled } from "../shared/switch-enabled.js";

interface ResumeFlags extends SelectionFlags {
  incident?: string;
  ledger?: string;
  includeChanged?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  concurrency?: string;
}

export function addResumeCommand(parent: Command, context: Context): void {
  const command = parent
    .command("resume")
    .argument("[ref...]", "ids or exact names")
    .option("--incident <name>", "what this incident paused; selectors and --except narrow it")
    .option("--ledger <file>", "the incident of this ledger")
    .option("--include-changed", "also what was only edited since: its name, schedule or instructions");
  addSelectionFlags(command)
    .option("--dry-run", "show what it would do, and send nothing")
    .option("--yes", "don't ask")
    .option("--concurrency <n>", "how many at once (default 8)")
    .action((refs: string[], flags: ResumeFlags) =>
      resumeAutomations(context, refs, flags).catch((error: unknown) => {
        throw withNothingDone(error, "resumed");
      }),
    );
}

/** Resumes refs at once, or what an incident paused (cli.md, "Pausing in an incident"). */
async function resumeAutomations(
  context: Context,
  refs: readonly string[],
  flags: ResumeFlags,
): Promise<void> {
  if (flags.dryRun !== true) refuseFrozen(context);
  const concurrency = readCount("--concurrency", flags.concurrency);
  const selection = readSelection(context, flags);
  checkSelection(selection);
  const { incident, ledger } = flags;
  if (incident === undefined && ledger === undefined) {
    const isNarrowed = selection.match !== undefined || selection.except.values.length > 0;
    const selects = selectsDeployments({ ...selection, deployments: [] });
    if (selects || isNarrowed || flags.dryRun === true || flags.includeChanged === true)
      throw refusedSelection(flags);
    return switchEnabled(context, { refs, enabled: true, concurrency });
  }
  for (const [flag, value] of Object.entries({ "--incident": incident, "--ledger": ledger })) {
    if (value?.trim() === "") throw new UsageError(`${flag} is empty`);
  }
  const { resumeIncident } = await import("./incident.js");
  await resumeIncident(context, {
    refs,
    selection,
    incident,
    ledger,
    includesChanged: flags.includeChanged === true,
    isDryRun: flags.dryRun === true,
    isConfirmed: flags.yes === true,
    concurrency,
  });
}

function refusedSelection({ dryRun, includeChanged }: ResumeFlags): UsageError {
  const alone = { "--dry-run": dryRun, "--include-changed": includeChanged };
  for (const [flag, value] of Object.entries(alone))
    if (value === true) return new UsageError(`${flag} needs --incident or --ledger`);
  return new UsageError(
    "resuming a selection needs --incident: without one it would start what was paused on purpose",
    {
      hint: (herm) =>
        `${herm("incidents", "list")} shows the incidents; single automations are resumed by id or name`,
    },
  );
}
