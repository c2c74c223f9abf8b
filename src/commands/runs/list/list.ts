import type { Command } from "commander";
import { isFinal } from "../../../api/run-status.js";
import type { Run, RunStatus } from "../../../api/types.js";
import { readCount } from "../../../command-line/flag-values.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { exitCodes, QuietExit, UsageError } from "../../../errors.js";
import { type Selection, selectsDeployments } from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import { printList } from "../../../output/list.js";
import { createPrinter } from "../../../output/printer.js";
import { parseSince } from "../../../output/time.js";
import { type RunRow, runJson, runRef } from "../../../runs/run-row.js";
import { addSelectionFlags, readSelection, type SelectionFlags } from "../../targets.js";
import { collectRuns } from "./collect.js";
import { runColumns } from "./columns.js";
import { sayReach } from "./reach.js";
import { targetsOf } from "./targets.js";

interface ListFlags extends SelectionFlags {
  failed?: boolean;
  running?: boolean;
  waiting?: boolean;
  since?: string;
  limit?: string;
  exitCode?: boolean;
}

export interface RunsListOptions {
  ref: string | undefined;
  selection: Selection;
  /** Empty: all. */
  statuses: RunStatus[];
  since: Date | undefined;
  limit: number | undefined;
  exitCode: boolean;
}

export function addRunsListCommand(parent: Command, context: Context): void {
  const command = parent
    .command("list")
    .argument("[ref]", "an automation: an id or an exact name")
    .option("--failed", "those that ended in error")
    .option("--running", "those under way")
    .option("--waiting", "those that wait for a human (with --failed, --running: or)")
    .option("--since <duration|time>", "those that started since then: 12h, 2026-03-02")
    .option("--limit <n>", "at most this many (default: all)")
    .option("--exit-code", "end with 9 if anything is listed");
  addSelectionFlags(command).action((ref: string | undefined, flags: ListFlags) =>
    listRuns(context, readFlags(context, ref, flags)),
  );
}

function readFlags(context: Context, ref: string | undefined, flags: ListFlags): RunsListOptions {
  const statuses: [RunStatus, boolean | undefined][] = [
    ["error", flags.failed],
    ["running", flags.running],
    ["waiting_on_human", flags.waiting],
  ];
  return {
    ref,
    selection: readSelection(context, flags),
    statuses: statuses.flatMap(([status, isWanted]) => (isWanted === true ? [status] : [])),
    since: readSince(flags.since, context.now()),
    limit: readCount("--limit", flags.limit),
    exitCode: flags.exitCode === true,
  };
}

function readSince(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const since = parseSince(text, now);
  if (since !== undefined) return since;
  throw new UsageError(`--since is a duration like 12h or a time like 2026-03-02T09:00:00Z, not "${text}"`);
}

/** Prints the runs that the filters let through; throws PartialFailureError where some could not be read. */
export async function listRuns(context: Context, options: RunsListOptions): Promise<void> {
  const printer = await createPrinter(context);
  const { selection, since, statuses, limit } = options;
  const isFleet = selectsDeployments(selection) && selection.deployments.length !== 1;
  const where = await targetsOf(context, options);
  const fits = ({ status }: Run) =>
    statuses.length === 0 || (typeof status === "string" && statuses.includes(status));
  const { rows, seen, throwFailure } = await collectRuns(context, {
    ...where,
    selection,
    since,
    newest: limit === undefined || statuses.some((status) => !isFinal(status)) ? undefined : { limit, fits },
    printer,
  });
  const wanted = rows.filter(({ run }) => fits(run)).slice(0, limit);
  const count = await printList<RunRow>(printer, {
    format: context.settings.output,
    items: wanted,
    columns: runColumns(context.now(), { withDeployment: isFleet }),
    json: runJson,
    name: (row) => (isFleet ? runRef(row) : row.run.run_id),
    empty:
      rows.length === 0
        ? `no runs yet: ${commandLine(context, ["automations", "trigger"])} starts one`
        : "no run fits these filters",
    total: (total) => (total === limit ? `the newest ${counted(total, "run")}` : counted(total, "run")),
  });
  const oldest = wanted.length === limit ? wanted.at(-1)?.run.started_at : undefined;
  const from = oldest ? new Date(oldest) : since;
  if (since !== undefined && from !== undefined) sayReach(printer, { seen, from, now: context.now() });
  throwFailure();
  if (options.exitCode && count > 0) throw new QuietExit(exitCodes.found);
}
