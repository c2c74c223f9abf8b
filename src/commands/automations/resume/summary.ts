import { commandLine, flag } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import type { ChangeResult } from "../../../incident/change.js";
import { itemKey } from "../../../incident/ledger-state.js";
import type { ResumeItem } from "../../../incident/resume-selection.js";
import { fold } from "../../../output/fold.js";
import { errWidth } from "../../../output/sink.js";
import { type CountParts, countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import { isWholeOutage } from "../../fleet/outage.js";
import { printRows } from "../../fleet/print-rows.js";
import type { FleetRow } from "../../fleet/rows.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import { selectionWords } from "../../targets/selection.js";
import { printChanged } from "../shared/changed.js";
import { namesOf, type PreparedResume, type ResumeReadBack } from "./prepared.js";

interface Summary {
  choice: LedgerChoice;
  results: readonly ChangeResult<ResumeItem>[];
  rows: readonly FleetRow[];
  /** Undefined after Ctrl-C. */
  readBack: ResumeReadBack | undefined;
}

/** Prints the rows and where the incident stands; throws what the exit code asks for. */
export async function summariseResume(
  context: Context,
  prepared: PreparedResume,
  summary: Summary,
): Promise<void> {
  const { printer } = prepared.session;
  const { choice, results, rows, readBack } = summary;
  const isSingle = prepared.options.refs.length === 1;
  const ending: FleetEnding = {
    done: "resumed",
    planned: prepared.plan.toResume.length,
    results,
    rows,
    isSingle,
    hint: (herm) => `${herm(...resumeAgain(prepared.options, choice))} finishes it`,
  };
  const hasResult = !isWholeOutage(ending);
  await printResult(context, prepared, { ...summary, isTold: hasResult });
  if (hasResult) await printCounts(printer, countParts(summary));
  const width = errWidth(context);
  if (readBack !== undefined && hasResult)
    for (const line of standing(context, choice.incident, readBack)) printer.note(fold(line, width));
  throwEnding(context, ending);
  refuseUnmet(readBack, prepared);
}

/** The command that finishes what failed or wasn't begun. */
function resumeAgain(options: PreparedResume["options"], { incident }: LedgerChoice): string[] {
  const { refs, selection, ledger, includeChanged, concurrency, yes } = options;
  return [
    ...["automations", "resume", ...refs],
    ...flag("--incident", incident),
    ...selectionWords({ ...selection, except: selection.except.values }),
    ...(ledger === undefined ? [] : flag("--ledger", ledger)),
    ...(includeChanged ? ["--include-changed"] : []),
    ...(concurrency === undefined ? [] : ["--concurrency", `${concurrency}`]),
    ...(yes ? ["--yes"] : []),
  ];
}

/** What it should have brought back is still paused: as little done as what failed. */
function refuseUnmet(readBack: ResumeReadBack | undefined, prepared: PreparedResume): void {
  const unmet = readBack?.unmet ?? [];
  const [first, ...others] = unmet;
  if (first === undefined) return;
  const what =
    others.length === 0
      ? `${JSON.stringify(first.name)}, which the incident paused, is still paused`
      : `${unmet.length} automations that the incident paused are still paused`;
  const now = prepared.current.get(itemKey(first));
  const ref = namesOf(prepared).ref({ ...first, name: now?.name });
  const reason = first.ledgerItem.reason ?? "it was changed since";
  const why = others.length === 0 ? `: ${reason}` : `; first: ${JSON.stringify(first.name)}: ${reason}`;
  throw new PartialFailureError(`${what}${why}`, {
    hint: (herm) => {
      const byRef = `${herm("automations", "resume", ref)} resumes ${others.length === 0 ? "it" : "one"}`;
      return prepared.options.includeChanged
        ? byRef
        : `--include-changed also resumes what was only edited; ${byRef}`;
    },
  });
}

async function printResult(
  context: Context,
  { session, options, deployments, current, plan }: PreparedResume,
  { results, rows, isTold }: Summary & { isTold: boolean },
): Promise<void> {
  if (session.printer.isForPerson && !isTold) return;
  const isSingle = options.refs.length === 1 && rows.length === 1;
  const [row] = rows;
  const known = current.get(`${row?.deployment_id}/${row?.automation_id}`);
  const outcome = results[0]?.outcome;
  const answer = outcome !== undefined && "value" in outcome ? outcome.value.automation : undefined;
  if (isSingle && row !== undefined && known !== undefined) {
    const deploymentId = row.deployment_id;
    if (row.result === "resumed" && answer !== undefined) {
      return printChanged(context, { automation: { ...known, ...answer }, deploymentId, verb: "Resumed" });
    }
    if (row.result === "unchanged") {
      return printChanged(context, { automation: known, deploymentId, verb: "Already enabled:" });
    }
  }
  await printRows(session.printer, {
    rows: withoutTold(context, rows, { session, options, plan }),
    isFleet: deployments.length > 1,
    deployments,
    isSingle,
    isVerbose: options.verbose,
  });
}

/** Without what is left alone where a person has read it in the plan, unless every row is wanted. */
export function withoutTold(
  { settings }: Pick<Context, "settings">,
  rows: readonly FleetRow[],
  { session, options, plan: { left } }: Pick<PreparedResume, "session" | "options" | "plan">,
): readonly FleetRow[] {
  const isTold = session.printer.isForPerson && !settings.flags.quiet;
  if (!isTold || options.verbose) return rows;
  const named = new Set(left.map(({ item }) => itemKey(item)));
  return rows.filter(
    ({ deployment_id, automation_id }) =>
      automation_id === null || !named.has(itemKey({ deployment_id, automation_id })),
  );
}

/** `5 resumed`, `1 back already`, `2 left alone`, `2 still paused`. */
function countParts({ rows, readBack }: Summary): CountParts {
  const changes = countsOf(rows, [
    ["resumed", "resumed"],
    ["unchanged", "back already"],
    ["left", "left alone"],
    ["failed", "failed"],
    ["unknown", "unknown"],
    ["skipped", "not begun"],
  ]);
  if (readBack === undefined) return { changes };
  return { changes, found: { at: readBack.at, what: stillPausedText(readBack) } };
}

function stillPausedText({ stillPaused, unread }: ResumeReadBack): string {
  return `${stillPaused} still paused${unread > 0 ? `, ${unread} not read` : ""}`;
}

function standing(context: Context, incident: string, readBack: ResumeReadBack): string[] {
  if (readBack.isClosed) return [`incident ${incident} is closed: nothing that it paused is still paused`];
  return [
    `incident ${incident} stays open`,
    `see what is still paused: ${commandLine(context, ["incidents", "show", incident])}`,
    `leave it paused for good: ${commandLine(context, ["incidents", "close", incident])}`,
  ];
}
