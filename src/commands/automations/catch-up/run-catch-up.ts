import { commandAgain } from "../../../command/again.js";
import { commandLine } from "../../../command-line/next-command.js";
import type { Context } from "../../../context.js";
import { PartialFailureError } from "../../../errors.js";
import { counted } from "../../../output/count.js";
import type { Printer } from "../../../output/printer.js";
import { countsOf, type FleetEnding, printCounts, throwEnding } from "../../fleet/ending.js";
import { Names } from "../../fleet/names.js";
import { isWholeOutage } from "../../fleet/outage.js";
import { persist } from "../../fleet/persist.js";
import { askForPlan, requireAsker } from "../../fleet/planned.js";
import { printRows } from "../../fleet/print-rows.js";
import { type FleetRow, unreadableRow } from "../../fleet/rows.js";
import { type FleetSession, openFleetSession, targetLine } from "../../fleet/session.js";
import { owingRow, startMissed, startRow } from "../../sending/start-missed.js";
import { refuseStartedTwice } from "../../sending/started-twice.js";
import { renderCatchUpPlan } from "./plan-view.js";
import { type CatchUpInput, type Prepared, prepareCatchUp, readCatchUp } from "./prepare.js";

interface Work {
  input: CatchUpInput;
  session: FleetSession;
  prepared: Prepared;
}

/** Starts one run for each automation that missed any (src/observe/README.md, "Catching up"). */
export async function catchUp(context: Context, input: CatchUpInput): Promise<void> {
  const isAsked = !input.yes && !input.dryRun;
  if (isAsked) requireAsker(context, "catch-up");
  const selection = readCatchUp(context, input);
  await persist(context, "started");
  const session = await openFleetSession(context);
  const { printer } = session;
  const prepared = await prepareCatchUp(context, { input, selection, printer });
  const work = { input, session, prepared };
  showPlan(context, work);
  if (input.dryRun) return printPlan(work);
  if (isAsked) await askForPlan(context, "Start", prepared.toStart);
  const { results, twice } = await startMissed(context, {
    items: prepared.toStart,
    printer,
    concurrency: input.concurrency,
    whyNot: prepared.whyNot,
  });
  const rows = [...results.map(startRow), ...otherRows(prepared)];
  const ending: FleetEnding = {
    done: "started",
    planned: prepared.toStart.length,
    results,
    rows,
    isSingle: false,
    // What was started isn't started again.
    hint: () => `${commandAgain(context)} does the rest`,
  };
  if (!isWholeOutage(ending)) {
    await print(work, rows);
    await printCounts(printer, { changes: countsOf(rows, words) });
    tellNext(context, printer, rows);
  }
  throwEnding(context, ending);
  refuseStartedTwice(twice);
}

const words: Parameters<typeof countsOf>[1] = [
  ["started", "started"],
  ["left", "left alone"],
  ["failed", "failed"],
  ["unknown", "unknown"],
  ["skipped", "not begun"],
];

function otherRows({ others, unread }: Prepared): FleetRow[] {
  return [...others, ...unread.map(unreadableRow)];
}

function showPlan(context: Context, { input, session, prepared }: Work): void {
  const { printer, everyone, api } = session;
  if (printer.isQuiet && (input.yes || input.dryRun)) return;
  const names = new Names([...prepared.toStart, ...prepared.others], everyone, prepared.isFleet);
  const target = targetLine(context, { chosen: prepared.deployments, total: everyone.length, api });
  const view = { names, target, now: context.serverNow(), ...printer.errLook };
  printer.err(renderCatchUpPlan(prepared, view));
}

/** What `--dry-run` found. Throws PartialFailureError where something couldn't be read. */
async function printPlan(work: Work): Promise<void> {
  const { prepared, session } = work;
  const planned = prepared.toStart.map((item): FleetRow => ({ ...owingRow(item), result: "planned" }));
  const rows = [...planned, ...otherRows(prepared)];
  await print(work, rows);
  if (session.printer.isForPerson) {
    const [, ...others] = words;
    await printCounts(session.printer, { changes: countsOf(rows, [["planned", "to start"], ...others]) });
  }
  const failed = rows.filter(({ result }) => result === "failed").length;
  if (failed > 0) throw new PartialFailureError(`${failed} could not be read`);
}

/** To a person without what the plan has told, unless every row is wanted. */
async function print({ session, prepared }: Work, rows: readonly FleetRow[]): Promise<void> {
  const { printer, everyone } = session;
  const isTold = printer.isForPerson && !printer.isQuiet && !printer.isVerbose;
  const told = new Set(isTold ? prepared.others : []);
  const ids = new Set(rows.map(({ deployment_id }) => deployment_id));
  await printRows(printer, {
    rows: rows.filter((row) => !told.has(row)),
    deployments: prepared.isFleet ? everyone : everyone.filter(({ deployment_id }) => ids.has(deployment_id)),
  });
}

function tellNext(context: Context, printer: Printer, rows: readonly FleetRow[]): void {
  const started = rows.filter(({ result }) => result === "started");
  const [first] = started;
  if (first === undefined) return;
  const all = [
    "runs",
    "list",
    "--running",
    ...(started.length > 1 ? ["--all-deployments"] : ["-d", first.deployment_id]),
  ];
  const go = started.length === 1 ? "the run goes" : `${counted(started.length, "run")} go`;
  printer.hint(`${commandLine(context, all)} shows how ${go} on`);
}
