import { isFinal } from "../../../api/run-status.js";
import type { Run, RunStatus } from "../../../api/types.js";
import { optional } from "../../../command/arguments.js";
import { declareCommand, type InputOf } from "../../../command/declaration.js";
import { count, text, yes } from "../../../command/flags.js";
import { requestCodes } from "../../../command/help.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { exitCodes, QuietExit, UsageError } from "../../../errors.js";
import { selectsDeployments } from "../../../fleet/selection.js";
import { counted } from "../../../output/count.js";
import { printList } from "../../../output/list.js";
import { createPrinter } from "../../../output/printer.js";
import { parseSince } from "../../../output/time.js";
import { type RunRow, runJson, runRef } from "../../../runs/run-row.js";
import { readSelection, selectionFlags } from "../../targets/selection.js";
import { collectRuns } from "./collect.js";
import { runColumns } from "./columns.js";
import { targetsOf } from "./targets.js";

export const command = declareCommand({
  effect: "reads",
  arguments: { ref: optional("ref", "an automation: an id or an exact name", { completes: "refs" }) },
  flags: {
    failed: yes("those that ended in error"),
    running: yes("those under way"),
    waiting: yes("those that wait for a human (with --failed, --running: or)"),
    since: text("duration|time", "those that started since then: 12h, 2026-03-02", { mayBeEmpty: true }),
    limit: count("at most this many (default: all)"),
    exitCode: yes("end with 9 if anything is listed"),
    ...selectionFlags,
  },
  help: {
    about: "List recent runs, newest first: of an automation, a deployment, or many.",
    use: "To learn what ran and how it ended, such as why last night failed; then look at one with runs show. --failed, --running and --waiting together list what any of them fits. The API gives only an automation's last runs: where --since asks for more, a line says how far back they go.",
    inPipe:
      "name, status, trigger, started, completed, error, run id (with several deployments the deployment's id first)",
    exitCodes: requestCodes({
      8: "some deployments could not be read",
      9: "--exit-code, and something is listed",
    }),
    examples: [
      'herm runs list "Weekly video variations"',
      "herm runs list --failed --since 12h --all-deployments",
      "herm runs list --waiting --exit-code",
    ],
  },
  run: (context, input): Promise<void> => listRuns(context, input),
});

/** Empty: all. */
function statusesOf({ failed, running, waiting }: InputOf<typeof command>): RunStatus[] {
  const statuses: [RunStatus, boolean][] = [
    ["error", failed],
    ["running", running],
    ["waiting_on_human", waiting],
  ];
  return statuses.flatMap(([status, isWanted]) => (isWanted ? [status] : []));
}

function readSince(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const since = parseSince(text, now);
  if (since !== undefined) return since;
  throw new UsageError(`--since is a duration like 12h or a time like 2026-03-02T09:00:00Z, not "${text}"`);
}

/** Prints the runs that the filters let through; throws PartialFailureError where some could not be read. */
async function listRuns(context: Context, input: InputOf<typeof command>): Promise<void> {
  const { ref, limit, exitCode } = input;
  const selection = readSelection(context, input);
  const statuses = statusesOf(input);
  const since = readSince(input.since, context.now());
  const printer = await createPrinter(context);
  const isFleet = selectsDeployments(selection) && selection.deployments.length !== 1;
  const where = await targetsOf(context, { ref, selection });
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
  if (since !== undefined && from !== undefined) {
    const { sayReach } = await import("./reach.js");
    sayReach(printer, { seen, from, now: context.now() });
  }
  await throwFailure();
  if (exitCode && count > 0) throw new QuietExit(exitCodes.found);
}
