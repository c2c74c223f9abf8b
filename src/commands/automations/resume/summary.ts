import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import type { ChangeResult } from "../../../incident/change.js";
import { itemKey } from "../../../incident/ledger-state.js";
import type { ResumeItem } from "../../../incident/resume-selection.js";
import { fold } from "../../../output/fold.js";
import { type CountParts, countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import { isWholeOutage, outageError } from "../../fleet/outage.js";
import { type FleetRow, printRows } from "../../fleet/rows.js";
import { deploymentNames, errWidth } from "../../fleet/session.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import { printChanged } from "../shared/changed.js";
import { mostNamed } from "./plan-view.js";
import type { PreparedResume, ResumeReadBack } from "./prepared.js";

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
    hint: "run the same command again to finish",
  };
  await printResult(context, prepared, { ...summary, isOutageTold: outageError(ending) !== undefined });
  if (!isWholeOutage(ending)) await printCounts(printer, countParts(summary));
  const width = errWidth(context);
  if (readBack !== undefined && !isWholeOutage(ending))
    for (const line of standing(context, choice.incident, readBack)) printer.note(fold(line, width));
  throwEnding(context, ending);
  refuseUnmet(readBack, prepared.options);
}

/** What it should have brought back is still paused: as little done as what failed. */
function refuseUnmet(readBack: ResumeReadBack | undefined, options: PreparedResume["options"]): void {
  const unmet = readBack?.unmet ?? [];
  const [first, ...others] = unmet;
  if (first === undefined) return;
  const what =
    others.length === 0
      ? `${JSON.stringify(first.name)}, which the incident paused, is still paused`
      : `${unmet.length} automations that the incident paused are still paused`;
  const reason = first.ledgerItem.reason ?? "it was changed since";
  const why = others.length === 0 ? `: ${reason}` : `; first: ${JSON.stringify(first.name)}: ${reason}`;
  throw new PartialFailureError(`${what}${why}`, {
    hint: (herm) => {
      const byRef = `${herm("automations", "resume", `${first.deployment_id}/${first.automation_id}`)} resumes ${others.length === 0 ? "it" : "one"}`;
      return options.includeChanged ? byRef : `--include-changed takes along what was only edited; ${byRef}`;
    },
  });
}

async function printResult(
  context: Context,
  { session, options, deployments, current, plan }: PreparedResume,
  { results, rows, isOutageTold }: Summary & { isOutageTold: boolean },
): Promise<void> {
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
  const shown = withoutNamed(context, rows, { session, plan });
  const names = deploymentNames(deployments);
  const isFleet = deployments.length > 1;
  await printRows(session.printer, { rows: shown, isFleet, names, isSingle, isOutageTold });
}

/** A person has just read in the plan what is left alone. */
export function withoutNamed(
  { settings }: Pick<Context, "settings">,
  rows: readonly FleetRow[],
  { session, plan: { left } }: Pick<PreparedResume, "session" | "plan">,
): readonly FleetRow[] {
  const isNamed = session.printer.isForPerson && !settings.flags.quiet && left.length <= mostNamed;
  if (!isNamed) return rows;
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
    `incident ${incident} stays open: ${stillPausedText(readBack)}`,
    `names them: ${commandLine(context, ["incidents", "show", incident])}`,
    `gives them up: ${commandLine(context, ["incidents", "close", incident])}`,
  ];
}
