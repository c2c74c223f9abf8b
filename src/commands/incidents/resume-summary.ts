import type { Context } from "../../context.js";
import type { ChangeResult } from "../../incident/change.js";
import { itemKey } from "../../incident/ledger-state.js";
import type { ResumeItem } from "../../incident/resume-selection.js";
import { formatRfc3339 } from "../../output/time.js";
import { printChanged } from "../automations/automation-view.js";
import { commandLine } from "../command-line.js";
import { type FleetRow, printRows } from "./fleet-rows.js";
import { countsOf, throwEnding } from "./fleet-verdict.js";
import type { LedgerChoice } from "./ledger-choice.js";
import type { PreparedResume } from "./prepared-resume.js";
import type { ResumeReadBack } from "./resume-outcome.js";
import { mostNamed } from "./resume-plan-view.js";

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
  await printResult(context, prepared, summary);
  const counts = countsLine(summary);
  if (context.settings.output === "table" && printer.stdoutIsTty) await printer.line(counts);
  else printer.note(counts);
  if (readBack !== undefined) printer.note(standing(context, choice.incident, readBack));
  throwEnding(context, {
    done: "resumed",
    planned: prepared.plan.toResume.length,
    results,
    rows,
    isSingle,
    hint: "run the same command again to finish",
  });
}

async function printResult(
  context: Context,
  { session, options, deployments, current, plan }: PreparedResume,
  { results, rows }: Summary,
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
  const isNamed =
    session.printer.stdoutIsTty && !context.settings.flags.quiet && plan.left.length <= mostNamed;
  const shown = isNamed && context.settings.output === "table" ? withoutPlanned(rows, plan) : rows;
  await printRows(context, session.printer, { rows: shown, isFleet: deployments.length > 1, isSingle });
}

/** A person has just read in the plan what is left alone. */
function withoutPlanned(rows: readonly FleetRow[], { left }: PreparedResume["plan"]): FleetRow[] {
  const named = new Set(left.map(({ item }) => itemKey(item)));
  return rows.filter(
    ({ deployment_id, automation_id }) =>
      automation_id === null || !named.has(itemKey({ deployment_id, automation_id })),
  );
}

/** `5 resumed · 1 back already · 2 left · read back 2025-12-01T03:09:41Z: 2 still paused`. */
function countsLine({ rows, readBack }: Summary): string {
  const parts = countsOf(rows, [
    ["resumed", "resumed"],
    ["unchanged", "back already"],
    ["left", "left alone"],
    ["failed", "failed"],
    ["unknown", "unknown"],
    ["skipped", "not begun"],
  ]);
  if (readBack !== undefined) {
    parts.push(`read back ${formatRfc3339(readBack.at)}: ${readBack.stillPaused} still paused`);
  }
  return parts.join(" · ");
}

function standing(context: Context, incident: string, { isClosed, stillPaused }: ResumeReadBack): string {
  if (isClosed) return `incident ${incident} is closed: nothing that it paused is still paused`;
  const show = commandLine(context, ["incidents", "show", incident]);
  const close = commandLine(context, ["incidents", "close", incident]);
  return `incident ${incident} stays open (${stillPaused} still paused): ${show} names them, ${close} gives them up`;
}
