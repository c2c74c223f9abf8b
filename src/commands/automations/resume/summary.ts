import { commandAgain } from "../../../command/again.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import { itemKey } from "../../../fleet/refs.js";
import type { ChangeResult } from "../../../incident/change.js";
import type { ResumeItem } from "../../../incident/resume-selection.js";
import { fold } from "../../../output/fold.js";
import { errWidth } from "../../../output/sink.js";
import { type CountParts, countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import { isWholeOutage } from "../../fleet/outage.js";
import { printRows } from "../../fleet/print-rows.js";
import type { FleetRow } from "../../fleet/rows.js";
import type { LedgerChoice } from "../../incidents/ledger-choice.js";
import { printChanged } from "../shared/changed.js";
import { everyOf, namesOf, type PreparedResume, type ResumeReadBack, toResumeOf } from "./prepared.js";

/** What came of one incident's resume. */
export interface ResumeResult {
  prepared: PreparedResume;
  results: readonly ChangeResult<ResumeItem>[];
  /** Of its automations. */
  rows: readonly FleetRow[];
  /** Of the runs that make up for what was kept from firing. */
  started: readonly FleetRow[];
  /** Undefined after Ctrl-C. */
  readBack: ResumeReadBack | undefined;
  isClosed: boolean;
}

/**
 * Prints the rows of all incidents of one command and where each stands; throws what the exit code asks for.
 * `unreadable`: rows of deployments.
 */
export async function summariseResumes(
  context: Context,
  parts: readonly ResumeResult[],
  unreadable: readonly FleetRow[],
): Promise<void> {
  const [first] = parts;
  if (first === undefined) return;
  const { session, options, choice } = first.prepared;
  const resumed = [...parts.flatMap((part) => part.rows), ...unreadable];
  const started = parts.flatMap((part) => part.started);
  const rows = [...resumed, ...started];
  const ending: FleetEnding = {
    done: "resumed",
    planned: toResumeOf(parts.map(({ prepared }) => prepared)).length,
    results: parts.flatMap(({ results }) => results),
    rows,
    isSingle: options.refs.length === 1,
    hint: () => `${resumeAgain(context, options, choice)} finishes it`,
  };
  const hasResult = !isWholeOutage(ending);
  await printResult(context, parts, { unreadable, isTold: hasResult });
  if (hasResult) {
    await printCounts(session.printer, countParts(parts, { resumed, started }));
    const lines = parts.flatMap((part) => standing(context, part));
    for (const line of lines) session.printer.note(fold(line, errWidth(context)));
  }
  throwEnding(context, ending);
  refuseUnmet(parts);
}

/** The command that finishes what failed or wasn't begun. */
function resumeAgain(
  context: Context,
  { refs }: PreparedResume["options"],
  { incident }: LedgerChoice,
): string {
  return commandAgain(context, { arguments: refs, flags: { incident } });
}

/** What it should have brought back is still paused: as little done as what failed. */
function refuseUnmet(parts: readonly ResumeResult[]): void {
  const unmet = parts.flatMap(({ prepared, readBack }) =>
    (readBack?.unmet ?? []).map((item) => ({ item, prepared })),
  );
  const [first] = unmet;
  if (first === undefined) return;
  const isOne = unmet.length === 1;
  const { item, prepared } = first;
  const what = isOne
    ? `${JSON.stringify(item.name)}, which the incident paused, is still paused`
    : `${unmet.length} automations that the incident${parts.length > 1 ? "s" : ""} paused are still paused`;
  const now = prepared.current.get(itemKey(item));
  const ref = namesOf(prepared).ref({ ...item, name: now?.name });
  const reason = item.ledgerItem.reason ?? "it was changed since";
  const why = isOne ? `: ${reason}` : `; first: ${JSON.stringify(item.name)}: ${reason}`;
  throw new PartialFailureError(`${what}${why}`, {
    hint: (herm) => {
      const byRef = `${herm("automations", "resume", ref)} resumes ${isOne ? "it" : "one"}`;
      return prepared.options.includeChanged
        ? byRef
        : `--include-changed also resumes what was only edited; ${byRef}`;
    },
  });
}

async function printResult(
  context: Context,
  parts: readonly ResumeResult[],
  { unreadable, isTold }: { unreadable: readonly FleetRow[]; isTold: boolean },
): Promise<void> {
  const [first] = parts;
  if (first === undefined) return;
  const { session, options } = first.prepared;
  if (session.printer.isForPerson && !isTold) return;
  const started = parts.flatMap((part) => part.started);
  const resumed = parts.flatMap((part) => withoutTold(part.rows, part.prepared));
  const rows = [...resumed, ...unreadable, ...started];
  const isSingle =
    options.refs.length === 1 && first.rows.length + unreadable.length === 1 && started.length === 0;
  if (isSingle && (await printSingle(context, first))) return;
  const deployments = everyOf(
    session,
    parts.map(({ prepared }) => prepared),
  );
  await printRows(session.printer, {
    rows,
    deployments,
    isSingle,
  });
}

/** One automation that is enabled now is told as by itself; false where there is more to say. */
async function printSingle(context: Context, { prepared, results, rows }: ResumeResult): Promise<boolean> {
  const [row] = rows;
  const known = prepared.current.get(`${row?.deployment_id}/${row?.automation_id}`);
  if (row === undefined || known === undefined) return false;
  const deploymentId = row.deployment_id;
  const outcome = results[0]?.outcome;
  const answer = outcome !== undefined && "value" in outcome ? outcome.value.automation : undefined;
  if (row.result === "resumed" && answer !== undefined) {
    await printChanged(context, { automation: { ...known, ...answer }, deploymentId, verb: "Resumed" });
    return true;
  }
  if (row.result !== "unchanged") return false;
  await printChanged(context, { automation: known, deploymentId, verb: "Already enabled:" });
  return true;
}

/** Without what is left alone where a person has read it in the plan, unless every row is wanted. */
export function withoutTold(
  rows: readonly FleetRow[],
  { session, plan: { left } }: Pick<PreparedResume, "session" | "plan">,
): readonly FleetRow[] {
  const isTold = session.printer.isForPerson && !session.printer.isQuiet;
  if (!isTold || session.printer.isVerbose) return rows;
  const named = new Set(left.map(({ item }) => itemKey(item)));
  return rows.filter(
    ({ deployment_id, automation_id }) =>
      automation_id === null || !named.has(itemKey({ deployment_id, automation_id })),
  );
}

/** `5 resumed`, `1 back already`, `2 left alone`, `2 still paused`. */
function countParts(
  parts: readonly ResumeResult[],
  { resumed, started }: { resumed: readonly FleetRow[]; started: readonly FleetRow[] },
): CountParts {
  const changes = countsOf(resumed, [
    ["resumed", "resumed"],
    ["unchanged", "back already"],
    ["left", "left alone"],
    ["failed", "failed"],
    ["unknown", "unknown"],
    ["skipped", "not begun"],
  ]);
  const starts = countsOf(started, [
    ["started", "started"],
    ["left", "not started"],
    ["failed", "failed to start"],
    ["unknown", "start unknown"],
    ["skipped", "start not begun"],
  ]);
  if (parts.some(({ prepared }) => prepared.options.catchUp)) changes.push(...starts);
  const found = parts.flatMap(({ readBack }) => readBack ?? []);
  const at = found.at(-1)?.at;
  return at === undefined ? { changes } : { changes, found: { at, what: stillPausedText(found) } };
}

function stillPausedText(found: readonly ResumeReadBack[]): string {
  const stillPaused = found.reduce((sum, each) => sum + each.stillPaused, 0);
  const unread = found.reduce((sum, each) => sum + each.unread, 0);
  const parts = unread > 0 ? [`${unread} not read`] : [];
  // Of what nobody could read, none is said to be paused.
  return [...(stillPaused > 0 || unread === 0 ? [`${stillPaused} still paused`] : []), ...parts].join(", ");
}

function standing(context: Context, { prepared, readBack, isClosed }: ResumeResult): string[] {
  const { incident } = prepared.choice;
  if (readBack === undefined) return [];
  if (isClosed) return [`incident ${incident} is closed: nothing that it paused is still paused`];
  return [
    `incident ${incident} stays open`,
    `see what is still paused: ${commandLine(context, ["incidents", "show", incident])}`,
    `leave it paused for good: ${commandLine(context, ["incidents", "close", incident])}`,
  ];
}
