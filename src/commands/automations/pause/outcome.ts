import type { Context } from "../../../context.js";
import type { RunsUnderWay } from "../../../fleet/runs-under-way.js";
import type { Ledger } from "../../../incident/ledger.js";
import type { LedgerLine } from "../../../incident/ledger-lines.js";
import { confirmedLine } from "../../../incident/ledger-state.js";
import { type FleetItem, itemLines } from "../../../incident/pause-plan.js";
import { type ToldRun, tellRuns } from "../../../incident/tell.js";
import { countsOf } from "../../fleet/ending.js";
import { printPlanned } from "../../fleet/planned.js";
import { type FleetRow, itemRow, resultRow, unreadableRow } from "../../fleet/rows.js";
import { headLine } from "../../fleet/session.js";
import { changePlanned } from "../../incidents/change-planned.js";
import { type OpenIncident, rememberLedger } from "../../incidents/ledger-choice.js";
import { openSenderOfMany, sendMessage } from "../../sending/once.js";
import { isSingle, type PreparedPause } from "./prepared.js";
import { readBackPause } from "./read-back.js";
import { acknowledge, readPauseRuns, withUnexpected } from "./runs.js";
import { summarisePause } from "./summary.js";

/** Shows what `--dry-run` found. */
export async function printPlannedPause({
  session,
  plan,
  options,
  deployments,
}: PreparedPause): Promise<void> {
  const rows = [
    ...plan.toPause.map((item): FleetRow => ({ ...itemRow(item), result: "planned" })),
    ...untouchedRows(plan),
  ];
  await printPlanned(session.printer, {
    rows,
    counts: countsOf(rows, [
      ["planned", "to pause"],
      ["unchanged", "paused already"],
      ["left", "left to other incidents"],
    ]),
    unreadable: plan.unreadable,
    deployments,
    isSingle: isSingle(options),
  });
}

/** Writes the ledger, pauses, reads everything back and says what came of it. Throws what the exit code asks for. */
export async function carryOutPause(
  context: Context,
  prepared: PreparedPause,
  open: OpenIncident & { /** What shall be paused is in the ledger, on the disk. */ onRecorded(): void },
): Promise<void> {
  const { plan } = prepared;
  rememberLedger(context, prepared.session.printer, open.choice);
  open.ledger.write(firstLines(context, prepared, open));
  await open.ledger.settle();
  open.onRecorded();
  const results = await changePlanned<FleetItem>(context, prepared.session.printer, {
    ...open,
    change: "pause",
    items: plan.toPause,
    concurrency: prepared.options.concurrency,
  });
  const readBack = await readBackPause(context, prepared, { ...open, results });
  const { ledger } = open;
  const { underWay: runs, since = new Map() } =
    readBack === undefined ? {} : await readPauseRuns(context, prepared, { ledger, items: readBack.items });
  const told = runs === undefined ? [] : await tell(context, prepared, { ledger, runs });
  const untouched = untouchedRows(plan);
  const acknowledged = acknowledge(ledger, { since, rows: untouched, at: context.now() });
  const rows = [
    ...withUnexpected(readBack?.rows ?? results.map((result) => resultRow(result, "pause")), since),
    ...untouched,
    ...(readBack?.unreadable ?? plan.unreadable).map(unreadableRow),
  ];
  const outcome = { results, readBack, runs, told, acknowledged, rows };
  await summarisePause(context, prepared, { ...open, outcome });
}

function untouchedRows({ untouched }: PreparedPause["plan"]): FleetRow[] {
  return untouched.map(({ item, result, reason }) => ({ ...itemRow(item), result, reason }));
}

/** All that the ledger must hold before the first change is sent. */
function firstLines(
  context: Context,
  { session, scope, plan }: PreparedPause,
  { choice, ledger: { state } }: OpenIncident,
): LedgerLine[] {
  const at = context.now();
  const date = context.serverNow();
  const { incident } = choice;
  const head = headLine(context, { incident, reason: context.reason, api: session.api });
  return [
    ...(state === undefined ? [head] : []),
    ...(state?.covers(scope) ? [] : [scope]),
    ...itemLines(plan, { state, at: at.toISOString(), date: date.toISOString() }),
    ...plan.confirmed.map((item) =>
      confirmedLine("pause", item, { at, date, updatedAt: item.automation.updated_at }),
    ),
  ];
}

async function tell(
  context: Context,
  { session, options }: PreparedPause,
  { ledger, runs: { going, unread } }: { ledger: Ledger; runs: RunsUnderWay<FleetItem> },
): Promise<ToldRun[]> {
  if (options.tell === undefined) return [];
  const sender = openSenderOfMany(context, session);
  try {
    return await tellRuns({
      client: session.client,
      ledger,
      items: [...going, ...unread].map(({ item }) => item),
      text: options.tell,
      concurrency: options.concurrency,
      signal: context.signal,
      now: () => context.now(),
      send: (message) => sendMessage(context, sender, message),
    });
  } finally {
    await sender.close();
  }
}
