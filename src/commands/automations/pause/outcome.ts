import type { AutomationDetail } from "../../../api/types.js";
import type { Context } from "../../../context.js";
import { itemKey } from "../../../fleet/refs.js";
import { RunsReader, type RunsUnderWay } from "../../../fleet/runs-under-way.js";
import { instructionsHash } from "../../../incident/instructions.js";
import type { Ledger } from "../../../incident/ledger.js";
import type { LedgerLine, ScopeLine } from "../../../incident/ledger-lines.js";
import { confirmedLine, isOwn, type LedgerState } from "../../../incident/ledger-state.js";
import { type FleetItem, itemLines } from "../../../incident/pause-plan.js";
import { type ToldRun, tellRuns } from "../../../incident/tell.js";
import { countsOf } from "../../fleet/ending.js";
import { printPlanned } from "../../fleet/planned.js";
import { type FleetRow, itemRow, resultRow, unreadableRow } from "../../fleet/rows.js";
import { headLine, readRunsUnderWay } from "../../fleet/session.js";
import { changePlanned } from "../../incidents/change-planned.js";
import { type OpenIncident, rememberLedger } from "../../incidents/ledger-choice.js";
import { openSenderOfMany, sendMessage } from "../../sending/once.js";
import { isSingle, type PreparedPause } from "./prepared.js";
import { readBackPause } from "./read-back.js";
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
    isVerbose: options.verbose,
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
  const runs =
    readBack && (await readRuns(context, prepared, { ledger: open.ledger, items: readBack.items }));
  const told = runs === undefined ? [] : await tell(context, prepared, { ledger: open.ledger, runs });
  const rows = [
    ...(readBack?.rows ?? results.map((result) => resultRow(result, "pause"))),
    ...untouchedRows(plan),
    ...(readBack?.unreadable ?? plan.unreadable).map(unreadableRow),
  ];
  await summarisePause(context, prepared, { ...open, outcome: { results, readBack, runs, told, rows } });
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
    ...(state?.covers(scope) && isKnownUntil(state, scope) ? [] : [scope]),
    ...itemLines(plan, { state, at: at.toISOString(), date: date.toISOString() }),
    ...plan.confirmed.map((item) =>
      confirmedLine("pause", item, { at, date, updatedAt: item.automation.updated_at }),
    ),
  ];
}

function isKnownUntil(state: LedgerState, { until }: ScopeLine): boolean {
  return until === undefined || until === state.until;
}

/** Only now: what stops the fleet must not wait for it. */
async function readRuns(
  context: Context,
  { session, options }: PreparedPause,
  { ledger, items }: { ledger: Ledger; items: readonly FleetItem[] },
): Promise<RunsUnderWay<FleetItem>> {
  const { concurrency } = options;
  const reader = new RunsReader(session.client);
  const lines: LedgerLine[] = [];
  const onDetail = (item: FleetItem, automation: AutomationDetail) =>
    lines.push(...instructionsLines(item, { automation, state: ledger.state, at: context.now() }));
  const runs = await readRunsUnderWay(context, session, { items, concurrency, reader, onDetail });
  ledger.write(lines);
  return runs;
}

/** What a resume compares with: no answer before had the instructions. */
function instructionsLines(
  item: FleetItem,
  { automation, state, at }: { automation: AutomationDetail; state: LedgerState | undefined; at: Date },
): LedgerLine[] {
  const known = state?.items.get(itemKey(item));
  const instructions_sha256 = instructionsHash(automation.instructions);
  if (known === undefined || !isOwn(known) || known.instructionsHash !== undefined) return [];
  if (instructions_sha256 === undefined || (known.updatedAt ?? null) !== (automation.updated_at ?? null))
    return [];
  const { deployment_id, automation_id } = item;
  return [{ type: "seen", at: at.toISOString(), deployment_id, automation_id, instructions_sha256 }];
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
