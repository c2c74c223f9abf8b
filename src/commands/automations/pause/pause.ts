import type { Command } from "commander";
import { readCount } from "../../../command-line/flag-values.js";
import type { Context } from "../../../context.js";
import { UsageError } from "../../../errors.js";
import { checkSelection } from "../../../fleet/selection.js";
import { withNothingDone } from "../../fleet/outage.js";
import { requireRefs } from "../../targets/pick.js";
import { addSelectionFlags, readSelection, type SelectionFlags } from "../../targets.js";
import { switchEnabled } from "../shared/switch-enabled.js";

interface PauseFlags extends SelectionFlags {
  all?: boolean;
  incident?: string;
  reason?: string;
  ledger?: string;
  tell?: string;
  dryRun?: boolean;
  yes?: boolean;
  concurrency?: string;
}

export function addPauseCommand(parent: Command, context: Context): void {
  const command = parent
    .command("pause")
    .argument("[ref...]", "ids or exact names")
    .option("--all", "every automation of the deployment");
  addSelectionFlags(command)
    .option("--incident <name>", "keep it in this incident (default for a selection: a made-up name)")
    .option("--reason <text>", "why, for whoever takes over")
    .option("--ledger <file>", "keep the incident's ledger there")
    .option(
      "--tell <text>",
      "say this once to each run still under way; a waiting run takes it as its answer",
    )
    .option("--dry-run", "show what it would do, and send nothing")
    .option("--yes", "don't ask")
    .option("--concurrency <n>", "how many at once (default 8)")
    .action((refs: string[], flags: PauseFlags) =>
      pauseAutomations(context, refs, flags).catch((error: unknown) => {
        throw withNothingDone(error, "paused");
      }),
    );
}

/** Pauses refs at once, or a selection with all that an incident needs (cli.md, "Pausing in an incident"). */
async function pauseAutomations(context: Context, refs: readonly string[], flags: PauseFlags): Promise<void> {
  const selection = readSelection(context, flags);
  checkSelection(selection);
  const isSelection =
    flags.all === true ||
    selection.allDeployments ||
    selection.customer !== undefined ||
    selection.match !== undefined;
  const isKept = isSelection || flags.incident !== undefined || flags.ledger !== undefined;
  const concurrency = readCount("--concurrency", flags.concurrency);
  refuseEmpty(flags);
  if (!isKept) refuseWithoutIncident(flags);
  if (!isKept && flags.dryRun !== true) {
    return switchEnabled(context, { refs, enabled: false, concurrency });
  }
  const wanted = isSelection ? refs : await requireRefs(context, { refs, verb: "pause" });
  const { pauseIncident } = await import("./incident.js");
  await pauseIncident(context, {
    refs: wanted,
    selection,
    isSelection,
    incident: flags.incident,
    ledger: flags.ledger,
    reason: flags.reason,
    tell: flags.tell,
    isDryRun: flags.dryRun === true,
    isConfirmed: flags.yes === true,
    concurrency,
  });
}

function refuseEmpty({ incident, ledger, tell, match }: PauseFlags): void {
  const given: [string, string | undefined][] = [
    ["--incident", incident],
    ["--ledger", ledger],
    ["--tell", tell],
    ["--match", match],
  ];
  for (const [flag, value] of given) if (value?.trim() === "") throw new UsageError(`${flag} is empty`);
}

function refuseWithoutIncident({ reason, tell, except }: PauseFlags): void {
  const given = [
    reason !== undefined && "--reason",
    tell !== undefined && "--tell",
    (except ?? []).length > 0 && "--except",
  ];
  const flag = given.find((name) => name !== false);
  if (flag === undefined) return;
  throw new UsageError(`${flag} needs a selection or an incident`, {
    hint: "give --incident <name>, or --all, --match, --customer or --all-deployments",
  });
}
